"""Makes up diagnostic logs that are hard to read: `profiles_logs.py FOLDER`. Deterministic."""
import json
import pathlib
import sys

HOSTILE = ['</title><script>alert(1)</script>', 'a;b', 'tab\tand\nline', 'lambda 5', '# note', '\u202eright', 'quote " and \' and \\', '', 'é🙂', '&amp;', '\x1b[31mred']


def frame(name, samples, below, blame=False):
    return {'sampleCount': samples, 'isBlameFrame': blame, 'symbolName': name, 'binaryName': 'App', 'fileName': 'App.swift',
            'lineNumber': '7', 'address': '0x100', 'offsetIntoBinaryTextSegment': '', 'subFrames': below}


def chain(names, samples, step):
    """From the leaf up; every frame holds `step` more than the one it calls."""
    below = []
    for name in reversed(names):
        below = [frame(name, samples, below, blame=name.endswith('7 f'))]
        samples += step
    return below[0]


def save(folder, name, versions):
    logs = []
    for version, root in versions:
        logs.append({'diagnosticMetaData': {'event': 'hang', 'eventDetail': '1 s', 'appVersion': version, 'osVersion': 'iPhone OS 18.1 (22B83)', 'deviceType': 'iPhone15_2'},
                     'callStackTree': [{'callStackPerThread': False, 'callStacks': [{'callStackRootFrames': [root]}]}]})
    document = {'version': '1.0.0', 'productData': [{'signatureId': name, 'diagnosticInsights': [], 'diagnosticLogs': logs}]}
    (folder / f'{name}.json').write_text(json.dumps(document))


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
sys.setrecursionlimit(20_000)
wide = [frame(f'worker {at} x', 1, []) for at in range(1_000)]
names = [frame(name, 3, []) for name in HOSTILE]
save(folder, 'wide', [('1', frame('main', 1_005, wide))])
save(folder, 'names', [('2', frame('main', 3 * len(HOSTILE) + 2, names))])
save(folder, 'deep', [('1', chain(['main'] + [f'level {at} f' for at in range(900)], 20, 1)), ('2', chain(['main', 'load', 'read'], 40, 2))])
