// Holds docs/alarms.md against the alarms that the code declares.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AlarmSpec } from './alarm-spec';
import { alarmTable } from './testing/alarm-table';
import type { StackReferences } from './references';
import { alarmSpecs, pairSpecs } from './signals';
import { deploymentAlarmSpecs } from './signals-compute';
import { FARGATE_STACK, LAMBDA_STACK, OBJECTIVES } from './testing/stacks';

const DOCUMENT = readFileSync(join(__dirname, '..', 'docs', 'alarms.md'), 'utf8');

/** Cells of the tables; the formatter may pad them. */
const rows = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s:|-]+$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const section = (title: string): string =>
  DOCUMENT.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
const specsOf = (refs: StackReferences) => alarmSpecs(refs, OBJECTIVES);

describe('docs/alarms.md', () => {
  it('lists the alarms of a stack on Fargate, for any table', () => {
    const refs = { ...FARGATE_STACK, tables: { '{table}': 'gh-orders' } };
    const table = alarmTable(pairSpecs(refs, OBJECTIVES), specsOf(refs));
    expect(rows(section('On Fargate'))).toEqual(rows(table));
  });

  it('lists what a stack on Lambda has besides', () => {
    const shared = specsOf(FARGATE_STACK).map(({ id }) => id);
    const own = specsOf(LAMBDA_STACK).filter(({ id }) => !shared.includes(id));
    expect(rows(section('On Lambda'))).toEqual(rows(alarmTable([], own)));
  });

  it('lists what turns a deployment back', () => {
    const target = { loadBalancer: 'app/gh/1', targetGroup: 'targetgroup/gh/1' };
    const specs = deploymentAlarmSpecs('eu-central-1', target, OBJECTIVES);
    expect(rows(section('During a deployment'))).toEqual(rows(alarmTable([], specs)));
  });
});

describe('alarmTable', () => {
  const spec: AlarmSpec = {
    id: 'odd',
    area: 'edge',
    title: 'Odd.',
    reason: 'It is odd.',
    region: 'eu-central-1',
    lines: [],
    comparison: 'above',
    threshold: 1,
    periodSeconds: 60,
    dataPoints: { breaching: 1, of: 1 },
  };

  it('refuses a pair of an alarm that is not there', () => {
    const both = ['a', 'b'] as const;
    const pair = { id: 'p', area: 'edge', title: '', reason: '', region: '', both } as const;
    expect(() => alarmTable([pair], [])).toThrow('A pair names an alarm that is not there.');
  });

  it('refuses an alarm that has nothing to judge by', () => {
    expect(() => alarmTable([], [spec])).toThrow('The alarm odd has no line to judge by.');
  });
});
