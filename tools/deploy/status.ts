// npm run status: what runs, since when, which revision and commit, and which alarms ring.
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { Region } from './aws';
import { located } from './inventory';
import { span, type Context } from './io';
import { describeService, ecsTarget, primaryOf, revisionOf, type EcsTarget } from './rollout';
import { progressOf } from './under-way';
import { deployedOutputs } from './update';
import type { Verb } from './verb';

/** Names of one call: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const ALARMS_A_CALL = 100;

interface Ringing {
  readonly name: string;
  readonly region: string;
  readonly reason: string;
}

export const status: Verb = {
  summary: 'Shows what runs, since when, which revision and commit, and which alarms ring.',
  help: 'Ends with 1 when the service does not run what was asked for, or an alarm rings.',
  options: (command) => command.option('--json', 'print one JSON document'),
  async run(context, { json = false }) {
    const { engine, io, stack } = context;
    const outputs = await deployedOutputs(context);
    const target = ecsTarget(outputs);
    const [service, [latest], ringing] = await Promise.all([
      target === undefined ? undefined : serviceStatus(new Region(outputs.region), target),
      engine.history(1),
      ringingAlarms(context, outputs.region),
    ]);
    const document = {
      stack,
      url: outputs.url,
      lastUpdate: latest && {
        result: latest.result,
        startTime: latest.startTime,
        commit: latest.environment['git.head'] ?? null,
        message: latest.message,
      },
      service: service ?? null,
      alarms: ringing,
    };
    const isWell = ringing.length === 0 && (service === undefined || service.isAsAsked);
    if (json) io.stdout(`${JSON.stringify(document, null, 2)}\n`);
    else io.stdout(text(document, io.now()));
    return isWell ? 0 : 1;
  },
};

async function serviceStatus(region: Region, target: EcsTarget) {
  const service = await describeService(region, target);
  const primary = primaryOf(service);
  const { taskDefinition } = await region
    .ecs()
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }));
  return {
    revision: revisionOf(service.taskDefinition),
    asked: revisionOf(target.taskDefinition),
    isAsAsked: service.taskDefinition === target.taskDefinition,
    image: taskDefinition?.containerDefinitions?.[0]?.image ?? null,
    deployment: primary?.rolloutState ?? null,
    /** Where a deployment under way is, in words; empty when none is. */
    progress: await progressOf(region, target),
    since: primary?.createdAt?.toISOString() ?? null,
    running: service.runningCount ?? 0,
    desired: service.desiredCount ?? 0,
    pending: service.pendingCount ?? 0,
  };
}

async function ringingAlarms({ engine }: Context, home: string): Promise<Ringing[]> {
  const state = await engine.state();
  const alarms = [
    ...located(state, 'aws:cloudwatch/metricAlarm:MetricAlarm', home),
    ...located(state, 'aws:cloudwatch/compositeAlarm:CompositeAlarm', home),
  ];
  const regions = [...new Set(alarms.map(({ region }) => region))];
  const found = await Promise.all(
    regions.flatMap((region) =>
      chunks(
        alarms.filter((alarm) => alarm.region === region).map(({ id }) => id),
        ALARMS_A_CALL,
      ).map(async (AlarmNames) => {
        const { MetricAlarms = [], CompositeAlarms = [] } = await new Region(region)
          .cloudwatch()
          .send(
            new DescribeAlarmsCommand({
              AlarmNames,
              AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            }),
          );
        return [...MetricAlarms, ...CompositeAlarms]
          .filter(({ StateValue }) => StateValue === 'ALARM')
          .map(({ AlarmName = '', StateReason = '' }) => ({
            name: AlarmName,
            region,
            reason: StateReason,
          }));
      }),
    ),
  );
  return found.flat();
}

function text(
  document: {
    stack: string;
    url: unknown;
    lastUpdate:
      { result: string; startTime: string; commit: string | null; message: string } | undefined;
    service: Awaited<ReturnType<typeof serviceStatus>> | null;
    alarms: readonly Ringing[];
  },
  now: number,
): string {
  const { stack, url, lastUpdate, service, alarms } = document;
  const ago = (time: string | null): string =>
    time === null ? 'unknown' : `${time} (${span(now - Date.parse(time))} ago)`;
  return [
    `Stack      ${stack}, ${String(url)}`,
    ...(lastUpdate === undefined
      ? []
      : [
          `Update     ${lastUpdate.result}, ${ago(lastUpdate.startTime)}, commit ${lastUpdate.commit?.slice(0, 12) ?? 'unknown'}: ${lastUpdate.message}`,
        ]),
    ...(service === null
      ? []
      : [
          `Revision   ${service.revision}${service.isAsAsked ? '' : `, NOT ${service.asked}, which was asked for`}`,
          `Since      ${ago(service.since)}, deployment ${service.deployment}${service.progress === '' ? '' : `, ${service.progress}`}`,
          `Tasks      ${service.running} running, ${service.desired} desired, ${service.pending} pending`,
          `Image      ${service.image}`,
        ]),
    `Alarms     ${alarms.length === 0 ? 'none rings' : `${alarms.length} ringing`}`,
    ...alarms.map(({ name, region, reason }) => `  ${name} (${region}): ${reason}`),
    '',
  ].join('\n');
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
