import { fitService, readLatencies, readLatencyFile } from './latency-file';
import { lognormal, Random } from './random';

const rows = (count: number, row: (index: number) => string) =>
  Array.from({ length: count }, (_none, index) => row(index)).join('\n');
const csv = (header: string, ...lines: string[]) => [header, ...lines].join('\n');

describe('readLatencies', () => {
  it('takes a byte-order mark, CRLF, blank lines and quotes of the header', () => {
    const text = `\uFEFF"durationMs"\r\n\r\n${rows(20, (index) => `${index}.5\r`)}`;
    expect(readLatencies(text, 'a.csv').durations.slice(0, 2)).toEqual([0.5, 1.5]);
  });

  it('reads a million rows', () => {
    const text = csv(
      'durationMs',
      rows(1_000_000, (index) => String(index % 50)),
    );
    expect(readLatencies(text, 'a.csv').durations).toHaveLength(1_000_000);
  });

  it('reads the traces of the console', () => {
    const parts = [
      { name: 'service', ms: 3 },
      { name: 'DynamoDB', ms: 4 },
    ];
    const text = JSON.stringify({ traces: new Array(20).fill({ durationMs: 7, parts }) });
    const latencies = readLatencies(text, 'a.json');
    expect(fitService(latencies, 'a.json')).toEqual({
      ...{ serviceMs: 3, dependencyMs: 4, serviceCv: 0 },
    });
  });

  it.each([
    ['', 'a.csv, line 1: the header is ""; expected "durationMs" or "durationMs,dependencyMs".'],
    ['ms\n1', 'a.csv, line 1: the header is "ms"'],
    [csv('durationMs', '1', 'fast'), 'a.csv, line 3: "fast" is no time'],
    [csv('durationMs', '-1'), 'a.csv, line 2: "-1" is no time'],
    [csv('durationMs', 'NaN'), 'a.csv, line 2: "NaN" is no time'],
    [csv('durationMs', '1e9'), 'a.csv, line 2: "1e9" is no time; expected milliseconds from 0 to'],
    [csv('durationMs', '1,2'), 'a.csv, line 2: there are 2 columns; expected 1.'],
    [csv('durationMs,dependencyMs', '', '1'), 'a.csv, line 3: there are 1 columns; expected 2.'],
    [csv('durationMs,dependencyMs', '1,2'), 'a.csv, line 2: it waited 2 ms for others'],
    [csv('durationMs', '1'), 'a.csv has 1 requests; at least 20 are needed'],
    ['{', 'a.csv is no JSON'],
    ['{}', 'a.csv has no list of traces'],
    ['{"traces":[null]}', 'a.csv, trace 1: it has no times'],
    ['{"traces":[{"durationMs":1}]}', 'a.csv, trace 1: it has no times'],
    ['{"traces":[{"durationMs":1,"parts":[null,{"name":"service","ms":2}]}]}', 'trace 1'],
    ['{"traces":[]}', 'a.csv has 0 requests'],
  ])('refuses %j', (text, message) => {
    expect(() => readLatencies(text, 'a.csv')).toThrow(message);
  });

  it('says which file cannot be read', () => {
    expect(() => readLatencyFile('/nowhere/a.csv')).toThrow(
      '--latencies /nowhere/a.csv cannot be read',
    );
  });
});

describe('fitService', () => {
  const random = new Random(1, 'latencies');
  const shape = lognormal(0.8);
  const durations = Array.from({ length: 50_000 }, () => 4 + 5 * shape(random));

  it('finds the law that times were drawn by', () => {
    const fitted = fitService({ durations }, 'a.csv', 4);
    expect(fitted.serviceMs).toBeCloseTo(5, 1);
    expect(fitted.serviceCv).toBeCloseTo(0.8, 1);
  });

  it('takes what nearly all requests have in common for waiting', () => {
    const { serviceMs, dependencyMs } = fitService({ durations }, 'a.csv');
    expect(serviceMs + dependencyMs).toBeCloseTo(9, 0);
    expect(dependencyMs).toBeGreaterThan(4);
    expect(dependencyMs).toBeLessThan(5.5);
  });

  it('refuses what leaves nothing for the service', () => {
    expect(() => fitService({ durations: new Array<number>(20).fill(3) }, 'a.csv', 4)).toThrow(
      'In a.csv no request takes longer than the 4 ms that it waits',
    );
  });
});
