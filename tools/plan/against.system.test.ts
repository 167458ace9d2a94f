// Tests of what `--against` takes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planAgainst } from './against';

describe('planAgainst', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-against-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (content: string): string => {
    const path = join(folder, 'plan.json');
    writeFileSync(path, content);
    return path;
  };

  it('reads a plan that was saved', async () => {
    const plan = { stack: 'dev', resources: [], outputs: {}, violations: [] };
    expect(await planAgainst(file(JSON.stringify(plan)), 'dev')).toEqual(plan);
  });

  it.each([
    ['{', 'is not JSON'],
    ['{"resourcePlans":{}}', 'is a plan of the Pulumi engine: expected what'],
    ['{}', 'is no plan: expected what'],
  ])('refuses the file %s', async (content, message) => {
    await expect(planAgainst(file(content), 'dev')).rejects.toThrow(message);
  });

  it.each(['no-such-ref', '--output=/tmp/x', 'HEAD;true', ''])(
    'refuses the ref %j without running it',
    async (ref) => {
      await expect(planAgainst(ref, 'dev')).rejects.toThrow('is neither a file nor a commit');
    },
  );

  it('plans the program of another commit, and leaves no checkout behind', async () => {
    const plan = await planAgainst('HEAD', 'dev');
    expect(plan.stack).toBe('dev');
    expect(plan.resources.length).toBeGreaterThan(100);
  });

  it('says what that commit says of a stack that it does not have', async () => {
    await expect(planAgainst('HEAD', 'no-such')).rejects.toThrow(
      /The program of HEAD does not plan .*no stack "no-such"/s,
    );
  });
});
