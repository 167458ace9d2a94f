// Reads YAML that a person wrote: the value, and on which line each part of it stands.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

/** A text that is YAML. */
export interface YamlSource {
  readonly document: Document.Parsed;
  readonly value: unknown;
  /** Line of the last key or item on a path that is there. */
  readonly line: (path: readonly PropertyKey[]) => number;
}

/** Never throws, whatever the text is: @returns whole sentences that say what is wrong, by line. */
export function readYaml(source: string): YamlSource | { readonly problems: readonly string[] } {
  const lines = new LineCounter();
  try {
    const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
    const broken = document.errors.map(
      ({ message, pos: [start] }) => `line ${lines.linePos(start).line}: ${message}.`,
    );
    if (broken.length > 0) return { problems: broken };
    const value: unknown = document.toJS();
    // An alias may stand for what it is in: no message could show that.
    JSON.stringify(value);
    return { document, value, line: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // Aliases without an anchor, aliases without end, nesting deeper than the stack.
    return { problems: [`It can't be read as YAML: ${(error as Error).message}.`] };
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let line = 1;
  for (const step of path) {
    let place: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      place = pair?.key;
      node = pair?.value;
    } else if (isSeq(node)) {
      place = node = node.items[step as number];
    }
    const [start] = (place as { range?: [number] } | undefined)?.range ?? [];
    if (start === undefined) break;
    ({ line } = lines.linePos(start));
  }
  return line;
}
