// Tests of the runbook: each alarm has an entry of three to eight lines, and the page holds them all.
import type { AlarmSpec } from './alarm-spec';
import { alarmSpecs, pairSpecs } from './alarms';
import { deploymentAlarmSpecs } from './fargate';
import { runbookSections } from './runbook';
import { runbookPage } from './runbook-page';
import { FARGATE_STACK, LAMBDA_STACK, OBJECTIVES } from './testing/stacks';

const target = {
  loadBalancer: 'app/gh/1',
  targetGroup: 'targetgroup/gh/1',
  alternateTargetGroup: 'targetgroup/gh/2',
};
const ALARMS = [
  ...pairSpecs(FARGATE_STACK, OBJECTIVES),
  ...alarmSpecs(FARGATE_STACK, OBJECTIVES),
  ...alarmSpecs(LAMBDA_STACK, OBJECTIVES),
  ...deploymentAlarmSpecs('eu-central-1', target, OBJECTIVES, { isJudgedAgainstOld: true }),
];

describe('runbookSections', () => {
  const spec: AlarmSpec = {
    id: 'odd',
    area: 'edge',
    title: 'Odd.',
    reason: 'It is odd.',
    runbook: { means: 'Odd things happen.', look: ['Around.'], remedy: ['Wait.'] },
    region: 'eu-central-1',
    lines: [],
    comparison: 'above',
    threshold: 1,
    periodSeconds: 60,
    dataPoints: { breaching: 1, of: 1 },
  };

  it('refuses a pair of an alarm that is not there', () => {
    const pair = { ...spec, id: 'p', both: ['a', 'b'] as const };
    expect(() => runbookSections([pair], [])).toThrow('A pair names an alarm that is not there.');
  });

  it('refuses an alarm that has nothing to judge by', () => {
    expect(() => runbookSections([], [spec])).toThrow('The alarm odd has no line to judge by.');
  });

  it('says when an alarm rings, what it means and what to do', () => {
    const { metric } = {
      metric: { namespace: 'N', name: 'M', dimensions: {}, stat: 'Sum', region: 'r' },
    };
    const section = runbookSections([], [{ ...spec, lines: [{ metric, label: 'm' }] }]);
    expect(section).toContain('### odd\n\n**Odd.** Odd things happen.');
    expect(section).toContain('Rings when Sum of `M` is above 1 in 1 min. It is odd.');
    expect(section).toContain('1. Around.');
    expect(section).toContain('1. Wait.');
  });
});

describe('every alarm', () => {
  it.each(ALARMS.map((alarm) => [alarm.id, alarm] as const))(
    '%s has a way out of three to eight lines',
    (_id, { runbook }) => {
      const lines = [runbook.means, ...runbook.look, ...runbook.remedy];
      expect(lines.length).toBeGreaterThanOrEqual(3);
      expect(lines.length).toBeLessThanOrEqual(8);
      for (const line of lines) expect(line).toMatch(/[.?]$/);
    },
  );
});

describe('runbookPage', () => {
  it('has a section for every alarm that calls', () => {
    const page = runbookPage();
    for (const { id, ...alarm } of ALARMS) {
      const calls = !('calls' in alarm) || alarm.calls !== false;
      const name = id
        .replace(/^orders-/, '{table}-')
        .replace(/^keeper-/, '{name}-')
        .replace('us-west-2', '{region}');
      expect([id, page.includes(`### ${name}\n`)]).toEqual([id, calls]);
    }
  });
});
