// Fuzzes stack files: what is wrong is said in words that name the setting, and nothing else happens.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import { readConfig } from '../../infra/settings/config';
import { SETTINGS } from '../../infra/settings/settings';
import { PROJECT_DIRECTORY, readStackConfig } from '../../recorder/stack-file';
import { fuzzer, mutations, require, type Target } from './target';

const STACK = 'fuzz';
const TEXTS = ['dev', 'prod'].map((stack) =>
  readFileSync(join(PROJECT_DIRECTORY, `Pulumi.${stack}.yaml`), 'utf8'),
);
const KEYS = [
  ...Object.keys(SETTINGS).map((key) => `gatehouse:${key}`),
  'aws:region',
  'gatehouse:',
];
const VALUES = [
  ...[
    'true',
    'false',
    '0',
    '1',
    '2',
    '3',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    '""',
    '"x"',
    'null',
    '~',
  ],
  ...[
    '[]',
    '{}',
    '[1]',
    '["us-east-1"]',
    '["us-east-1", "us-east-1"]',
    '{ A: b }',
    '{ secure: x }',
  ],
  ...[
    '{ __proto__: 1 }',
    '"{}"',
    "'[1,'",
    'eu-central-1',
    'us-east-1',
    'fargate',
    'lambda',
    'single',
  ],
  ...[
    '10.0.0.0/16',
    '10.0.0.0/33',
    '300.0.0.0/8',
    'api.example.com',
    'a@b.example',
    'examples/notes',
  ],
  ...[
    'examples/orders/orders.yaml',
    '../..',
    '/etc/passwd',
    '2026-01-01',
    '!!binary x',
    '*x',
    '&x y',
  ],
  ...['arn:aws:acm:us-east-1:123456789012:certificate/x', '|', '>', '9'.repeat(400)],
];

const line = fc
  .tuple(
    fc.constantFrom(...KEYS),
    fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 10 })),
  )
  .map(([key, value]) => `  ${key}: ${value}`);
const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(line, { minLength: 1, maxLength: 6 })
      .map((lines) => ['config:', '  aws:region: eu-central-1', ...lines, ''].join('\n')),
  },
  {
    weight: 2,
    arbitrary: mutations(TEXTS, [...KEYS, ...VALUES, ': ', '\n', '\n  ', '- ', 'config:']),
  },
);

export const settings: Target = {
  name: 'settings',
  about: 'stack files, at the reader of settings',
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fuzz-'));
    writeFileSync(join(folder, 'Pulumi.yaml'), 'name: gatehouse\nruntime: nodejs\n');
    const file = join(folder, `Pulumi.${STACK}.yaml`);
    await pulumi.runtime.setMocks(
      { call: () => ({}), newResource: () => ({ id: '', state: {} }) },
      ...(['gatehouse', STACK] as const),
    );
    const check = (source: string) => {
      writeFileSync(file, source);
      try {
        const { values, secretKeys } = readStackConfig(STACK, {}, folder);
        pulumi.runtime.setAllConfig(values, secretKeys);
        const { workload } = readConfig();
        require(workload.name.length > 0, 'a configuration without a workload is taken');
      } catch (error) {
        const { message } = error as Error;
        const isPlain = pulumi.RunError.isInstance(error)
          ? /^The configuration of stack "fuzz" has /.test(message) && message.includes('\n  - ')
          : message.startsWith(file);
        if (!isPlain) throw error;
      }
    };
    return fuzzer(text, check, () => rmSync(folder, { recursive: true }));
  },
};
