// Words as a real shell reads them back.
import { execFileSync } from 'node:child_process';
import { shellQuoted } from './shell';

describe('shellQuoted', () => {
  it('leaves alone what needs no quotes', () => {
    expect(shellQuoted('gatehouse:adoptTables.users')).toBe('gatehouse:adoptTables.users');
  });

  it.each(['', 'a b', "it's", '$(id)', '`id`', 'a"b', 'x;y', 'a\nb', "'''", String.raw`\n`])(
    'hands %j through a shell unchanged',
    (word) => {
      const said = execFileSync('sh', ['-c', `printf %s ${shellQuoted(word)}`], {
        encoding: 'utf8',
      });
      expect(said).toBe(word);
    },
  );
});
