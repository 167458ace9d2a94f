// Parses a Mermaid diagram from standard input as GitHub would; ends with 1 and what is wrong.
import { readFileSync } from 'node:fs';
import DOMPurify from 'dompurify';

// It needs a browser, and what is parsed but never drawn needs no cleaning.
DOMPurify.addHook = () => undefined;
DOMPurify.sanitize = (text) => text;
const { default: mermaid } = await import('mermaid');

try {
  const { diagramType } = await mermaid.parse(readFileSync(0, 'utf8'));
  process.stdout.write(diagramType);
} catch (error) {
  process.stderr.write(error.message);
  process.exitCode = 1;
}
