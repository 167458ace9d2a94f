// Reads a metric-math expression into a tree.

/** A part of an expression. */
export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  /** REPEAT, LINEAR, AVG, DESC: a word that a function takes as an argument. */
  | { kind: 'keyword'; value: string }
  /** Another line of the same request. */
  | { kind: 'line'; id: string }
  | { kind: 'array'; items: Node[] }
  | { kind: 'negative'; operand: Node }
  | { kind: 'binary'; operator: Operator; left: Node; right: Node }
  | { kind: 'call'; name: string; args: Node[] };

/** Operators, the aliases of AND and OR aside. */
export type Operator =
  '||' | '&&' | '<' | '>' | '<=' | '>=' | '==' | '!=' | '+' | '-' | '*' | '/' | '^';

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|("[^"]*"|'[^']*')|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,[\]]))/y;

const ALIASES: Record<string, string> = { AND: '&&', OR: '||' };

/** Binary operators by binding strength, weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '>', '<=', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

/**
 * Longest expression, characters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
 */
const MAX_LENGTH = 2048;
/** Deeper than any that a person can read, and far from the end of the stack. */
const MAX_DEPTH = 100;

/** @throws Error that shows where the expression can't be read. */
export function parseMetricMath(expression: string): Node {
  if (expression.length > MAX_LENGTH) {
    throw new Error(
      `Metric math "${expression.slice(0, 40)}…" has ${expression.length} characters; AWS takes ${MAX_LENGTH}.`,
    );
  }
  const tokens = tokenize(expression);
  let position = 0;
  let depth = 0;
  const peek = () => tokens[position];
  const fail = (): never => {
    throw new Error(`Metric math "${expression}": unexpected ${peek() ?? 'end'}.`);
  };
  const expect = (token: string) => {
    if (peek() !== token) fail();
    position += 1;
  };

  function binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let token = peek(); token !== undefined && operators.includes(token); token = peek()) {
      position += 1;
      left = { kind: 'binary', operator: token as Operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function unary(): Node {
    depth += 1;
    if (depth > MAX_DEPTH) {
      throw new Error(`Metric math "${expression}": it is nested deeper than ${MAX_DEPTH} levels.`);
    }
    const node = operand();
    depth -= 1;
    return node;
  }

  function operand(): Node {
    const token = peek() ?? fail();
    position += 1;
    if (token === '(') {
      const inner = binary(0);
      expect(')');
      return inner;
    }
    if (token === '[') return { kind: 'array', items: list(']') };
    if (token === '-') return { kind: 'negative', operand: unary() };
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
    if (!/^[A-Za-z_]/.test(token)) {
      position -= 1;
      return fail();
    }
    if (peek() === '(') {
      position += 1;
      return { kind: 'call', name: token, args: list(')') };
    }
    // An id of a line starts with a lower-case letter.
    return /^[A-Z]/.test(token) ? { kind: 'keyword', value: token } : { kind: 'line', id: token };
  }

  function list(end: string): Node[] {
    const items: Node[] = [];
    if (peek() !== end) {
      items.push(binary(0));
      while (peek() === ',') {
        position += 1;
        items.push(binary(0));
      }
    }
    expect(end);
    return items;
  }

  const tree = binary(0);
  if (position < tokens.length) fail();
  return tree;
}

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  const end = expression.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[0].trim();
    if (token === undefined) {
      throw new Error(`Metric math "${expression}": can't read "${expression.slice(start)}".`);
    }
    tokens.push(ALIASES[token] ?? token);
  }
  return tokens;
}
