// Entry of `npm run keys`: hands the process's streams to the program.
import { createInterface } from 'node:readline/promises';
import { runKeys } from './program';

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) {
    return undefined;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

void runKeys(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  ask,
  now: () => Date.now(),
}).then((code) => {
  process.exitCode = code;
});
