// CSV as spreadsheets write it.
import fc from 'fast-check';
import { csvLine, parseCsv } from './csv';

const COLUMNS = ['owner', 'name'];
const parse = (text: string) => parseCsv(text, COLUMNS, ['owner']);

describe('parseCsv', () => {
  it.each<[string, string, (string | undefined)[][]]>([
    [
      'plain lines',
      'owner,name\na@b.c,x\nd@e.f,y\n',
      [
        ['a@b.c', 'x'],
        ['d@e.f', 'y'],
      ],
    ],
    ['no line end at the end', 'owner,name\na@b.c,x', [['a@b.c', 'x']]],
    ['Windows line ends', 'owner,name\r\na@b.c,x\r\n', [['a@b.c', 'x']]],
    ['a byte-order mark', '\uFEFFowner\na@b.c\n', [['a@b.c', undefined]]],
    ['upper-case names, blanks', 'Owner , NAME\n a@b.c , x \n', [['a@b.c', 'x']]],
    ['other order', 'name,owner\nx,a@b.c\n', [['a@b.c', 'x']]],
    ['quotes', 'owner,name\na@b.c,"x, ""y""\nz"\n', [['a@b.c', 'x, "y"\nz']]],
    ['empty lines', '\n\nowner,name\n\na@b.c,x\n\n,\n', [['a@b.c', 'x']]],
    ['an empty last field', 'owner,name\na@b.c,', [['a@b.c', '']]],
    ['a header alone', 'owner\n', []],
  ])('reads %s', (_, text, rows) => {
    expect(parse(text).map(({ fields }) => [fields.owner, fields.name])).toEqual(rows);
  });

  it('counts lines, those within quotes as well', () => {
    const text = 'owner,name\n"a@b.c","1\n2"\r\n\nd@e.f,x\n';
    expect(parse(text).map(({ line }) => line)).toEqual([2, 5]);
  });

  it.each([
    ['nothing', '', /first line is "".*expected the columns owner, name \(owner at least\)/],
    ['no owner', 'name\nx\n', /first line is "name"/],
    ['an unknown column', 'owner,role\n', /first line is "owner,role"/],
    ['a column twice', 'owner,owner\n', /first line is "owner,owner"/],
    ['a short row', 'owner,name\na@b.c\n', /Line 2 has 1 fields, expected 2/],
    ['a long row', 'owner\na@b.c,x\n', /Line 2 has 2 fields, expected 1/],
    ['a stray quote', 'owner\na"b\n', /Line 2 has a quote/],
    ['an open quote', 'owner\n"a\n', /Line 2 has a quote/],
    ['text after a quote', 'owner\n"a"b\n', /Line 2 has a quote/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('writes %j as text', (field) => {
    expect(csvLine(['a', field])).toMatch(/^a,"?'/);
    expect(csvLine(['a', `b${field}`])).not.toContain("'");
  });

  it('reads back what csvLine writes', () => {
    const field = fc.string().map((text) => `x${text.trim()}y`);
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field)), (rows) => {
        const text = csvLine(COLUMNS) + rows.map(csvLine).join('');
        expect(parse(text).map(({ fields }) => [fields.owner, fields.name])).toEqual(rows);
      }),
    );
  });
});
