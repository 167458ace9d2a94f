// CloudWatch's metric math as far as scaling policies use it: arithmetic, comparisons, IF, FILL, MIN, MAX.

/** A value of one period; undefined where the metric has no data. */
export type Datum = number | undefined;

type Evaluate = (values: Readonly<Record<string, Datum>>) => Datum;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|==|!=|&&|\|\||[-+*/()<>,]))/y;

/** Binary operators by binding strength, weakest first. */
const LEVELS: readonly Record<string, (a: number, b: number) => number>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

/** What a function does with its arguments; only FILL and IF look at missing data themselves. */
const FUNCTIONS: Record<string, (args: Datum[]) => Datum> = {
  FILL: ([value, filling]) => value ?? filling,
  IF: ([condition, yes, no]) => {
    if (condition === undefined) return undefined;
    return condition !== 0 ? yes : no;
  },
  MIN: (args) => extreme(Math.min, args),
  MAX: (args) => extreme(Math.max, args),
};

/**
 * Compiles an expression.
 * @throws Error that shows where it can't be read, or names a function that is not known here.
 */
export function compileMetricMath(expression: string): Evaluate {
  const tokens = tokenize(expression);
  let position = 0;
  const peek = () => tokens[position];
  const fail = (): never => {
    throw new Error(`Metric math "${expression}": unexpected ${peek() ?? 'end'}.`);
  };
  const expect = (token: string) => {
    if (peek() !== token) fail();
    position += 1;
  };

  function binary(level: number): Evaluate {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (let token = peek(); token !== undefined && token in operators; token = peek()) {
      const apply = operators[token] as (a: number, b: number) => number;
      position += 1;
      const [before, right] = [left, binary(level + 1)];
      left = (values) => {
        const [a, b] = [before(values), right(values)];
        return a === undefined || b === undefined ? undefined : apply(a, b);
      };
    }
    return left;
  }

  function unary(): Evaluate {
    const token = peek() ?? fail();
    position += 1;
    if (token === '(') {
      const inner = binary(0);
      expect(')');
      return inner;
    }
    if (token === '-') {
      const inner = unary();
      return (values) => {
        const value = inner(values);
        return value === undefined ? undefined : -value;
      };
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_]/.test(token)) {
      position -= 1;
      return fail();
    }
    return peek() === '(' ? call(token) : (values) => values[token];
  }

  function call(name: string): Evaluate {
    const run = FUNCTIONS[name];
    if (run === undefined) {
      throw new Error(
        `Metric math "${expression}": ${name} is not known here; ${Object.keys(FUNCTIONS).join(', ')} are.`,
      );
    }
    expect('(');
    const args = [binary(0)];
    while (peek() === ',') {
      position += 1;
      args.push(binary(0));
    }
    expect(')');
    return (values) => run(args.map((argument) => argument(values)));
  }

  const compiled = binary(0);
  if (position < tokens.length) fail();
  return compiled;
}

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) {
      throw new Error(`Metric math "${expression}": can't read "${expression.slice(start)}".`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

function extreme(pick: (...values: number[]) => number, args: Datum[]): Datum {
  const present = args.filter((value) => value !== undefined);
  return present.length === 0 ? undefined : pick(...present);
}
