// Entry of `npm run keys`.
import { runKeys } from './program';
import { terminalIo } from './terminal';

void runKeys(process.argv.slice(2), terminalIo(process)).then((code) => {
  process.exitCode = code;
});
