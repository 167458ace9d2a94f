// Fuzzes metric math: an expression is refused in words that show it, or yields lines of the window's length.
import fc from 'fast-check';
import { FUNCTIONS } from '../cloudwatch/metric-functions';
import { compileMetricMath, linesOf } from '../cloudwatch/metric-math';
import type { TimeSeries, Window } from '../cloudwatch/series';
import { fuzzer, mutations, require, type Target } from './target';

const WINDOW: Window = { startMs: Date.parse('2026-01-05T00:00:00Z'), periodMs: 60_000, count: 4 };
const LINES: Readonly<Record<string, TimeSeries>> = {
  m1: { label: 'm1', values: Float64Array.of(1, Number.NaN, 0, -3) },
  m2: { label: 'm2', values: Float64Array.of(0, 2, Number.NaN, 1e308) },
  m3: { label: 'm3', values: new Float64Array(WINDOW.count).fill(Number.NaN) },
};
const series = Object.entries(LINES).map(([id, line]) => ({ id, series: line }));
const CONTEXT = {
  window: WINDOW,
  line: (id: string) => (Object.hasOwn(LINES, id) ? LINES[id] : undefined),
  metrics: () => series,
  search: () => Object.values(LINES),
};
const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '^',
  '<',
  '>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  ' AND ',
  ' OR ',
];
const TOKENS = [
  ...[
    ...OPERATORS,
    '(',
    ')',
    '[',
    ']',
    ',',
    '"',
    "'",
    'm1',
    'm9',
    '1e400',
    '.5',
    '5.',
    'REPEAT',
    'DESC',
  ],
  ...[
    'toString(',
    '__proto__',
    'constructor(m1)',
    ...Object.keys(FUNCTIONS).map((name) => `${name}(`),
  ],
];

const { expression } = fc.letrec<{ expression: string; call: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('m1', 'm2', 'm3', '0', '2.5', '1e308', 'METRICS()', '[m1,m2]', 'REPEAT', '"m"'),
    fc
      .tuple(tie('expression'), fc.constantFrom(...OPERATORS), tie('expression'))
      .map(([left, operator, right]) => `(${left}${operator}${right})`),
    tie('expression').map((operand) => `-${operand}`),
    tie('call'),
  ),
  call: fc
    .tuple(
      fc.constantFrom(...Object.keys(FUNCTIONS)),
      fc.array(tie('expression'), { maxLength: 3 }),
    )
    .map(([name, args]) => `${name}(${args.join(',')})`),
}));
const long = fc
  .tuple(
    fc.constantFrom('(', '-', 'ABS(', '[', '1^', '1+', 'm1,'),
    fc.integer({ min: 1, max: 20_000 }),
  )
  .map(([part, times]) => `${part.repeat(times)}1`);

export const metricMath: Target = {
  name: 'metric-math',
  about: 'expressions, at the reader of metric math and its functions',
  open: () => {
    const check = (text: string) => {
      try {
        const math = compileMetricMath(text);
        require(new Set(math.ids).size === math.ids.length, 'an id is named twice');
        for (const line of linesOf(math.evaluate(CONTEXT), WINDOW, 'value')) {
          require(line.values.length === WINDOW.count, `a line of ${line.values.length} values`);
          require(typeof line.label === 'string', 'a line without a label');
        }
      } catch (error) {
        const { name, message } = error as Error;
        const isPlain = name === 'Error' && message.startsWith('Metric math "');
        if (!isPlain || /is not a function|undefined|Cannot read|iterable/.test(message))
          throw error;
      }
    };
    const inputs = fc.oneof(
      { weight: 6, arbitrary: expression },
      { weight: 6, arbitrary: mutations(['IF(m1>0,m2/m1,FILL(m2,0))', 'SUM([m1,m2])'], TOKENS) },
      { weight: 1, arbitrary: long },
    );
    return Promise.resolve(fuzzer(inputs, check));
  },
};
