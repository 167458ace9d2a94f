// Entry of the commands of a stack's life: npm run change, approve, up and so on.
import { approve } from './approve';
import { change } from './change';
import { doctor } from './doctor';
import { drift } from './drift';
import { logs } from './logs';
import { rollback } from './rollback';
import { status } from './status';
import { destroy } from './destroy';
import { processIo } from './io';
import { previews } from './previews';
import { runVerb } from './program';
import { leftovers, sweep } from './sweep';
import { up } from './up';
import type { Verb } from './verb';

const VERBS: Readonly<Record<string, Verb>> = {
  change,
  approve,
  up,
  destroy,
  sweep,
  leftovers,
  status,
  logs,
  rollback,
  drift,
  doctor,
};

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === 'previews') return previews(args, processIo());
  const verb = VERBS[name];
  if (verb === undefined) {
    process.stderr.write(
      `Which command? There are ${[...Object.keys(VERBS), 'previews'].join(', ')}.\n`,
    );
    return 2;
  }
  return runVerb(name, verb, args, processIo());
}

// `npm run logs … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
