"""A session with `perfpower mcp`: what an agent would ask, with an opinion on every answer. See `.ci/readers/mcp`."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

LONGEST = 33_000
faults = []


def expect(holds, what):
    print(("ok     " if holds else "FAULT  ") + what)
    if not holds:
        faults.append(what)


async def session_with(binary, archive):
    server = StdioServerParameters(command=binary, args=["mcp", archive, "--quiet"])
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        expect(
            set(tools) == {"list_findings", "explain_finding", "compare_versions", "frames_of_version"},
            f"tools: {', '.join(tools)}",
        )
        await session.send_ping()

        async def ask(name, **arguments):
            result = await session.call_tool(name, arguments)
            is_error = getattr(result, "is_error", None) if hasattr(result, "is_error") else result.isError
            text = "\n".join(part.text for part in result.content)
            expect(len(text.encode()) <= LONGEST, f"{name} {arguments}: {len(text.encode())} bytes")
            return is_error, text

        failed, text = await ask("list_findings")
        found = json.loads(text)
        expect(not failed and found["schema"] == "perfpower.brief/1", "list_findings gives a brief answer")
        expect(all(row["state"] in ("open", None) for row in found["findings"]), "only what is open")
        _, text = await ask("list_findings", state="all", max_tokens=8000)
        every = json.loads(text)["findings"]
        expect(len(every) >= len(found["findings"]) > 0, f"{len(found['findings'])} open of {len(every)}")
        _, text = await ask("list_findings", state="all", from_rank=2, max_tokens=8000)
        expect([row["rank"] for row in json.loads(text)["findings"]] == [row["rank"] for row in every[1:]], "from_rank goes on")
        small = json.loads((await ask("list_findings", state="all", max_tokens=400))[1])
        expect(small["omitted"] + len(small["findings"]) == len(every), "what does not fit is counted")

        for row in found["findings"][:5]:
            failed, text = await ask("explain_finding", id=row["id"])
            expect(not failed and row["version"] in text, f"explain_finding {row['id']} speaks of {row['version']}")
        failed, text = await ask("explain_finding", id="no such finding")
        expect(failed and "no such finding" in text, "an unknown id is refused in words")

        failed, text = await ask("compare_versions", limit=5)
        expect(not failed and "| change |" in text, "compare_versions gives a table")
        app = every[0]["app"]
        failed, text = await ask("compare_versions", app=app, limit=5)
        expect(not failed and "against" in text, f"compare_versions of {app}")
        failed, text = await ask("compare_versions", app="nobody")
        expect(failed and "nobody" in text, "an unknown app is refused in words")

        with_code = [row for row in every if row["code"]]
        for row in with_code[:2]:
            failed, text = await ask("frames_of_version", app=row["app"], version=row["version"])
            expect(not failed and row["code"].split("(")[0].split()[0] in text, f"frames_of_version names {row['code'][:40]}")
        failed, text = await ask("frames_of_version", app=app, version="0.0.0.0")
        expect(failed, "an unknown version is refused")
        failed, text = await ask("list_findings", nonsense=1)
        expect(failed and "nonsense" in text, "an unknown argument is refused")
        try:
            await session.call_tool("no_such_tool", {})
            expect(False, "an unknown tool is refused")
        except Exception as error:  # the library's own kind differs from release to release
            expect("no_such_tool" in str(error), "an unknown tool is refused")


asyncio.run(session_with(*sys.argv[1:3]))
sys.exit(f"{len(faults)} faults" if faults else 0)
