import { readTrace, readTraceFile } from './trace-file';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString();
const file = (...rows: string[]) => ['timestamp,requests', ...rows].join('\n');

describe('readTrace', () => {
  it('spreads the requests of an interval over its seconds', () => {
    const { trace, notes } = readTrace(file(`${at(0)},60`, `${at(1)},120`), 'a.csv');
    expect([trace.seconds, trace.rate(0), trace.rate(59), trace.rate(60), trace.rate(120)]).toEqual(
      [120, 1, 1, 2, 0],
    );
    expect([notes, trace.name, trace.serviceFactor(0), trace.dependencyFactor(0)]).toEqual([
      [],
      'a.csv',
      1,
      1,
    ]);
  });

  it('takes a byte-order mark, CRLF, blank lines, quotes, offsets and one row', () => {
    const text = '\uFEFF"timestamp","requests"\r\n"2026-01-05 01:00:00+01:00",6e1\r\n\r\n';
    const { trace } = readTrace(text, 'a.csv');
    expect([trace.seconds, trace.rate(10)]).toEqual([60, 1]);
  });

  it('takes times without an offset for UTC', () => {
    const { trace } = readTrace(file('2026-01-05T00:00,60', `${at(1)},120`), 'a.csv');
    expect(trace.seconds).toBe(120);
  });

  it('takes a gap for no traffic, and says so', () => {
    const rows = [0, 1, 2, 10, 11, 15].map((minute) => `${at(minute)},60`);
    const { trace, notes } = readTrace(file(...rows), 'a.csv');
    expect([trace.rate(179), trace.rate(180), trace.rate(599), trace.rate(600)]).toEqual([
      1, 0, 0, 1,
    ]);
    expect(notes).toEqual([
      'a.csv has 2 gaps (10 min in all, the first after line 4); they are taken as no traffic.',
    ]);
  });

  it.each([
    ['', 'line 1: the header is ""; expected "timestamp,requests"'],
    ['time,count\n', 'line 1: the header is "time,count"'],
    ['timestamp,requests,more\n', 'line 1: the header'],
    ['timestamp,requests\n', 'line 2: there are no rows'],
    [file('yesterday,1'), 'line 2: "yesterday" is no timestamp; expected 2026-01-05T00:00:00Z'],
    [file('2026-13-05T00:00:00Z,1'), 'line 2: "2026-13-05T00:00:00Z" is no timestamp'],
    [file(`${at(0)},1`, `${at(1)},-1`), 'line 3: "-1" is no count of requests'],
    [file(`${at(0)},many`), 'line 2: "many" is no count'],
    [file(`${at(0)},`), 'line 2: "" is no count'],
    [file(at(0)), 'line 2: "" is no count'],
    [file(`${at(0)},NaN`), 'line 2: "NaN" is no count'],
    [file(`${at(0)},1e999`), 'line 2: "1e999" is no count'],
    [file(`${at(0)},1,2`), 'line 2: "1,2" is no count'],
    [file(`${at(1)},1`, `${at(0)},1`), `line 3: ${at(0)} is before the line above it`],
    [file(`${at(0)},1`, `${at(0)},1`), `line 3: ${at(0)} is there twice`],
    [
      file('2026-01-05T00:00:00.1Z,1', '2026-01-05T00:00:00.7Z,1'),
      'line 3: 2026-01-05T00:00:00.7Z is less than a second',
    ],
    [file('1926-01-05T00:00:00Z,1', '2026-01-05T00:00:00Z,1'), 'spans 73050 days; at most 400'],
  ])('refuses %j', (text, message) => {
    expect(() => readTrace(text, 'a.csv')).toThrow(`a.csv`);
    expect(() => readTrace(text, 'a.csv')).toThrow(message);
  });

  it('reads a million rows', () => {
    const start = Date.UTC(2026, 0, 5);
    const rows = Array.from(
      { length: 1_000_000 },
      (_none, second) => `${new Date(start + second * 1000).toISOString()},${second % 100}`,
    );
    const { trace } = readTrace(file(rows.join('\n')), 'million.csv');
    expect([trace.seconds, trace.rate(999_999)]).toEqual([1_000_000, 99]);
  });

  it('says which file cannot be read', () => {
    expect(() => readTraceFile('/nowhere/a.csv')).toThrow('--trace /nowhere/a.csv cannot be read');
  });
});
