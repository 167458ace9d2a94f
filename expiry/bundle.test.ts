// The bundle that is deployed, run against the embedded DynamoDB with nothing but its environment.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleExpiry } from './bundle';

describe('bundleExpiry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-expiry-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the same text each time, of a module that needs nothing beside it', async () => {
    const text = await bundleExpiry();
    expect(await bundleExpiry()).toBe(text);
    writeFileSync(join(folder, 'index.js'), text);
    // From a folder without node_modules.
    const script = `console.log(typeof require('${join(folder, 'index.js')}').handler)`;
    const env = { PATH: process.env.PATH, AWS_REGION: 'eu-central-1' };
    expect(execFileSync(process.execPath, ['-e', script], { cwd: folder, env }).toString()).toBe(
      'function\n',
    );
  });
});
