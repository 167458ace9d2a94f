// Fuzzes the CSV files that are read: people for whom keys are issued, and traces that are simulated.
import fc from 'fast-check';
import { BULK_COLUMNS } from '../keys/bulk';
import { csvLine, CsvError, parseCsv } from '../keys/csv';
import { readTrace } from '../simulate/trace-file';
import { fuzzer, mutations, require, type Target } from './target';

const SIGNS = [',', '"', '""', '\n', '\r\n', '\r', '\uFEFF', ';', '\t', ' ', '=1+1'];

/** A file that somebody edited, or fields that are written and must come back. */
interface KeysInput {
  readonly text?: string;
  readonly fields?: readonly string[];
}

export const keysCsv: Target = {
  name: 'keys-csv',
  about: 'CSV files of owners, at keys issue --from',
  open: () => {
    const texts = ['owner,scopes,name,expires\na@b.example,users:read,"x, ""y""",90d\n', 'owner\n'];
    const check = ({ text, fields }: KeysInput) => {
      if (fields !== undefined) {
        const row = parseCsv(`${csvLine(BULK_COLUMNS)}${csvLine(fields)}`, BULK_COLUMNS, [
          'owner',
        ])[0];
        const read = row === undefined ? fields.map(() => '') : Object.values(row.fields);
        const told = `written ${JSON.stringify(fields)}, read ${JSON.stringify(read)}`;
        // A formula comes back as the text that it was made.
        const isSame = fields.every((field, at) =>
          [field.trim(), `'${field}`.trim()].includes(read[at] ?? ''),
        );
        require(isSame && read.length === fields.length, told);
        return;
      }
      try {
        let before = 1;
        for (const row of parseCsv(text ?? '', BULK_COLUMNS, ['owner'])) {
          require(row.line > before, `line ${row.line} comes after line ${before}`);
          before = row.line;
          require(typeof row.fields.owner === 'string', 'a row without an owner');
        }
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
      }
    };
    const inputs: fc.Arbitrary<KeysInput> = fc.oneof(
      fc.record({ text: mutations(texts, [...SIGNS, ...BULK_COLUMNS, 'Owner']) }),
      fc.record({
        fields: fc.array(
          fc.oneof(fc.string(), fc.constantFrom(...SIGNS), fc.string({ unit: 'binary' })),
          { minLength: BULK_COLUMNS.length, maxLength: BULK_COLUMNS.length },
        ),
      }),
    );
    return Promise.resolve(fuzzer(inputs, check));
  },
};

const ROWS = [
  '2026-01-05T00:00:00Z,600',
  '2026-01-05T00:01:00Z,0',
  '2026-01-05T00:02:00+01:00,1e3',
];
const TIMES = [
  '2026-01-05T00:01:00Z',
  '2026-01-05 00:03',
  '2026-02-30T00:00Z',
  '9999-12-31T23:59Z',
];

export const traceCsv: Target = {
  name: 'trace-csv',
  about: 'CSV files of traffic, at simulate --trace',
  open: () => {
    const texts = [`timestamp,requests\n${ROWS.slice(0, 2).join('\n')}\n`, 'timestamp,requests\n'];
    const tokens = [...SIGNS, ...ROWS, ...TIMES, '-1', '1e400', '0x1', 'NaN', '.', 'T', 'Z', '0'];
    const check = (text: string) => {
      let read;
      try {
        read = readTrace(text, 'trace.csv');
      } catch (error) {
        const { name, message } = error as Error;
        if (name !== 'Error' || !message.startsWith('trace.csv')) throw error;
        return;
      }
      const { trace } = read;
      const { seconds } = trace;
      require(Number.isInteger(seconds) && seconds > 0, `a trace of ${seconds} s`);
      for (let second = 0; second < Math.min(seconds, 1000); second += 1) {
        const value = trace.rate(second);
        require(value >= 0 && Number.isFinite(value), `${value} requests in second ${second}`);
      }
    };
    return Promise.resolve(fuzzer(mutations(texts, tokens), check));
  },
};
