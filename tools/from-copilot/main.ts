// Entry of `npm run from-copilot`.
import { fromCopilot } from './program';

process.exitCode = fromCopilot(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
