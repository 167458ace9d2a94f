import { compileMetricData } from './metric-data';
import { compileMetricMath } from './metric-math';
import { minutes, sourceOf, written } from './testing/lines';

type Points = readonly (number | '-')[];

/** The lines that an expression yields over metrics that are named by their ids. */
function evaluate(expression: string, metrics: Record<string, Points>): (number | '-')[][] {
  const queries = Object.keys(metrics).map((id) => ({
    id,
    metric: { namespace: 'N', name: id, dimensions: {}, stat: 'Average' },
  }));
  const count = Math.max(1, ...Object.values(metrics).map(({ length }) => length));
  return compileMetricData([...queries, { id: 'result', expression }])
    .evaluate(sourceOf(metrics), minutes(count))
    .get('result')
    .map(({ values }) => written(values));
}

describe('compileMetricMath', () => {
  it.each<[string, Record<string, Points>, Points]>([
    ['1 + 2 * 3', {}, [7]],
    ['(1 + 2) * 3', {}, [9]],
    ['2 * 3 ^ 2', {}, [18]],
    ['10 / 4 - 1.5e0', {}, [1]],
    ['-a + 3', { a: [1, '-'] }, [2, '-']],
    ['a < 2 AND b >= 2', { a: [1], b: [2] }, [1]],
    ['a == 1 || b != 2', { a: [0], b: [2] }, [0]],
    ['a <= b OR a > b', { a: [0], b: [2] }, [1]],
    // Missing values in arithmetic count as 0; where neither side has a point there is none.
    ['a + b', { a: [1, 1, '-'], b: [2, '-', '-'] }, [3, 1, '-']],
    ['a - b', { a: ['-'], b: [2] }, [-2]],
    ['a * 5', { a: ['-', 2] }, ['-', 10]],
    // Division by zero drops the point, by a missing value likewise.
    ['a / b', { a: [6, 6, 6, '-'], b: [3, 0, '-', 2] }, [2, '-', '-', 0]],
    // The guide's examples of operators: [30, 20, 0, 0] and [20, -, 20, -].
    ['a < b', { a: [30, 20, 0, 0], b: [20, '-', 20, '-'] }, [0, 0, 1, 0]],
    ['a >= 30', { a: [30, 20, 0, 0] }, [1, 0, 0, 0]],
    ['a > 15 AND b > 15', { a: [30, 20, 0, 0], b: [20, '-', 20, '-'] }, [1, 0, 0, 0]],
    // The guide's tables of IF.
    [
      'IF(a, b, c)',
      { a: [1, 1, 0, 0, '-'], b: [30, '-', 0, 0, 30], c: [0, 0, 20, '-', 20] },
      [30, 0, 20, '-', '-'],
    ],
    ['IF(a, 5, c)', { a: [1, 1, 0, 0, '-'], c: [0, 0, 20, '-', 20] }, [5, 5, 20, '-', '-']],
    ['IF(a, b, 5)', { a: [1, 1, 0, 0, '-'], b: [30, '-', 0, 0, 30] }, [30, 0, 5, 5, '-']],
    ['IF(1, a)', { a: [3, '-'] }, [3, '-']],
    ['IF(a < 400, a)', { a: [300, 500] }, [300, '-']],
    ['FILL(a, 5)', { a: [1, '-'] }, [1, 5]],
    ['FILL(a, b)', { a: [1, '-'], b: [7, 8] }, [1, 8]],
    ['FILL(a, REPEAT)', { a: ['-', 1, '-', 2, '-'] }, ['-', 1, 1, 2, 2]],
    ['FILL(a, LINEAR)', { a: ['-', 1, '-', '-', 4, '-'] }, ['-', 1, 2, 3, 4, '-']],
    ['a - MIN(a)', { a: [3, '-', 5] }, [0, '-', 2]],
    ['TIME_SERIES(MAX(a))', { a: [3, '-', 5] }, [5, 5, 5]],
    ['SUM([a, b])', { a: [1, '-', '-'], b: [2, 2, '-'] }, [3, 2, '-']],
    ['AVG([a, b])', { a: [1, '-'], b: [3, 3] }, [2, 1.5]],
    ['a * AVG(a)', { a: [2, '-', 4] }, [6, '-', 12]],
    ['MAX(METRICS("a"))', { a1: [1, 9], a2: [4, 5], b: [99, 99] }, [4, 9]],
    ['STDDEV([a, b])', { a: [1], b: [3] }, [1]],
    ['DATAPOINT_COUNT([a, b])', { a: [1, '-'], b: ['-', '-'] }, [1, 0]],
    ['SUM(METRICS()) / METRIC_COUNT(METRICS())', { a: [1], b: [3] }, [2]],
    ['RATE(a)', { a: [0, 60, '-', 60] }, ['-', 1, '-', '-']],
    ['DIFF(a)', { a: [1, 3] }, ['-', 2]],
    ['RUNNING_SUM(a)', { a: [1, '-', 3] }, [1, '-', 4]],
    ['a / PERIOD(a)', { a: [120] }, [2]],
    ['CEIL(a) - FLOOR(a) + ABS(-a)', { a: [1.5] }, [2.5]],
    ['LOG10(a) + LOG(b)', { a: [100], b: [1] }, [2]],
    ['IF(DAY(a) < 6, a)', { a: [1] }, [1]],
    ['YEAR(a) + MONTH(a) + DATE(a) + HOUR(a) + MINUTE(a)', { a: [1, 1] }, [2032, 2033]],
    ['EPOCH(a)', { a: [1] }, [1767571200]],
    ['LAST(SORT(METRICS(), SUM, DESC))', { a: [2], b: [1], c: [3] }, [1]],
    ['FIRST(SLICE(SORT(METRICS(), AVG, ASC, 3), 1, 2))', { a: [2], b: [1], c: [3] }, [2]],
    ['FIRST(REMOVE_EMPTY(METRICS()))', { a: ['-'], b: [1] }, [1]],
    ["SUM(SEARCH('{N} MetricName=\"x\"', 'Sum', 60))", { a: [2], b: [1] }, [3]],
  ])('%s over %j is %j', (expression, metrics, expected) => {
    expect(evaluate(expression, metrics)).toEqual([expected]);
  });

  it('keeps a line for each of an array', () => {
    expect(evaluate('METRICS() / 100', { a: [100], b: [200] })).toEqual([[1], [2]]);
    expect(evaluate('100 / [a, b]', { a: [100], b: [200] })).toEqual([[1], [0.5]]);
    expect(evaluate('[a, b] - [b, a]', { a: [100], b: [200] })).toEqual([[-100], [100]]);
  });

  it.each(['1 +', 'a b', 'IF(1, 2', '* 2', 'a ? b', 'NOTHING(a)', ')', 'IF(1)', 'FILL(a)', '"a'])(
    'refuses %s',
    (expression) => {
      expect(() => compileMetricMath(expression)).toThrow(`Metric math "${expression}"`);
    },
  );

  it.each([
    ['FILL(a, SOMETIMES)', 'REPEAT or LINEAR'],
    ['MAX(3)', 'a line is expected'],
    ['SORT(METRICS(), DESC, AVG)', 'SORT goes by'],
    ['[a, a] + [a]', "arrays of 2 and 1 lines can't be combined"],
    ['SLICE(METRICS(), a)', 'a number is expected'],
    ['METRICS(a)', 'a word is expected'],
    ['IF([a, a], 1)', 'one line is expected'],
    ['a + DESC', 'DESC is no value'],
    [`${'('.repeat(101)}a${')'.repeat(101)}`, 'nested deeper than 100 levels'],
    [`a${'+a'.repeat(1024)}`, 'has 2049 characters; AWS takes 2048'],
  ])('says what is wrong with %s', (expression, message) => {
    expect(() => evaluate(expression, { a: [1] })).toThrow(message);
  });
});

describe('compileMetricData', () => {
  it('refuses a circle and an unknown line', () => {
    const read = (...expressions: string[]) =>
      compileMetricData(expressions.map((expression, index) => ({ id: `e${index}`, expression })));
    expect(() => read('e1 + 1', 'e0 + 1')).toThrow('e0 -> e1 -> e0');
    expect(() => read('e7')).toThrow('names e7, which is no line');
  });

  it('names what a SEARCH finds by itself, and else by the label', () => {
    const data = compileMetricData([
      { id: 'found', expression: "SEARCH('{N}', 'Sum')" },
      { id: 'one', expression: 'TIME_SERIES(1)', label: 'One' },
    ]).evaluate(sourceOf({ a: [1], b: [2] }), minutes(1));
    expect(data.get('found').map(({ label }) => label)).toEqual(['a', 'b']);
    expect(data.get('one').map(({ label }) => label)).toEqual(['One']);
    expect(data.get('other')).toEqual([]);
  });
});
