// The readers that run in Node or in Chromium; started by `profiles`, in a folder where their packages are.
import Ajv from 'ajv';
import { Profile } from 'pprof-format';
import puppeteer from 'puppeteer-core';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const { TOTAL, OUT, CHROMIUM } = process.env;
const total = Number(TOTAL);
const release = path.resolve('node_modules/speedscope/dist/release');

function check(reader, found) {
  if (found !== total) {
    console.error(`${reader}: ${found} samples, not ${total}`);
    process.exit(1);
  }
  console.log(`${reader}: ${found} samples`);
}

const pprof = Profile.decode(zlib.gunzipSync(fs.readFileSync(`${OUT}/profile.pb.gz`)));
check('pprof-format', pprof.sample.reduce((sum, sample) => sum + Number(sample.value[0]), 0));

const file = JSON.parse(fs.readFileSync(`${OUT}/speedscope.json`));
const schema = JSON.parse(fs.readFileSync(`${release}/file-format-schema.json`));
const isValid = new Ajv({ strict: false }).compile(schema);
if (!isValid(file)) {
  console.error("speedscope's schema:", isValid.errors);
  process.exit(1);
}
check("speedscope's schema", file.profiles[0].weights.reduce((sum, weight) => sum + weight, 0));

if (!CHROMIUM) process.exit(0);
const browser = await puppeteer.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--allow-file-access-from-files', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});

async function open(url, picture, until) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 900 });
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  // An alert is either a reader that gives up, or a name that ran as a script.
  page.on('dialog', (dialog) => { said.push(`alert: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(url);
  const found = await page.waitForFunction(until, { timeout: 60_000 }).then((handle) => handle.jsonValue(), () => null);
  await page.screenshot({ path: `${OUT}/${picture}.png` });
  await page.close();
  const trouble = said.filter((line) => /^(alert|error):/.test(line));
  if (found === null || trouble.length > 0) {
    console.error(`${picture}:`, said);
    process.exit(1);
  }
  return { found, said };
}

for (const name of ['speedscope.json', 'profile.pb.gz', 'stacks.folded']) {
  const load = path.resolve('load.js');
  const bytes = fs.readFileSync(`${OUT}/${name}`).toString('base64');
  fs.writeFileSync(load, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(bytes)})`);
  // The sandwich view is a table: self samples of all rows add up to the total.
  const { found, said } = await open(
    `file://${release}/index.html#localProfilePath=${load}&view=sandwich`,
    `speedscope-${name}`,
    () => {
      const text = document.body.innerText;
      const first = text.match(/([\d,.]+) \(100%\)/);
      return text.includes('Symbol Name') && first ? Number(first[1].replaceAll(',', '')) : false;
    },
  );
  const importer = said.find((line) => line.startsWith('Importing'));
  check(`speedscope's importer (${importer})`, found);
}

for (const name of ['flame', 'difference-before', 'difference-after']) {
  const image = `${OUT}/${name}.svg`;
  if (!fs.existsSync(image) || fs.statSync(image).size === 0) continue;
  const { found } = await open(`file://${image}`, name, () => {
    const frames = document.querySelector('#frames');
    return frames && frames.querySelectorAll('rect').length > 1 && frames.getAttribute('total_samples');
  });
  if (name === 'flame') check('Chromium, flame.svg', Number(found));
  else console.log(`Chromium, ${name}.svg: ${found} samples wide`);
}
await browser.close();
