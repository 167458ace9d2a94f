// The subject of KMS: the workload's own keys, how often and how long.
import { SERVICE_METRICS } from '../contracts/metrics';
import type { AlarmSpec } from './alarm-spec';
import { inMs, line } from './metric';
import type { StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** The SDK retries a throttled call after 100 ms and more. */
export const KMS_SLOW_SECONDS = 0.1;

/** Encryptions by key, and how long a call takes; nothing for a workload without a key. */
export function encryptions(refs: StackReferences): Widget[] {
  if (Object.keys(refs.keys).length === 0) return [];
  return [
    graph({
      title: 'KMS: encryptions a minute, and ms a call',
      region: refs.region,
      rightUnit: 'ms',
      lines: [
        ...Object.entries(refs.keys).map(([name, arn]) => ({
          metric: source.kms(refs.region, arn, 'Encrypt'),
          label: name,
        })),
        // A function has no collector to send it by.
        ...(refs.compute.kind === 'lambda'
          ? []
          : inMs('kms', source.service(refs, SERVICE_METRICS.kmsDuration, 'p99'), 'p99 of a call', {
              axis: 'right',
            })),
      ],
    }),
  ];
}

/** Alarms of KMS; none for a workload without a key. */
export function kmsAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  if (Object.keys(refs.keys).length === 0) return [];
  return [
    {
      area: 'kms',
      region: refs.region,
      comparison: 'above',
      id: 'kms-slow',
      title: 'KMS is slow or throttles.',
      reason:
        'The SDK retries a throttled call after 100 ms and more: an average above says that it does.',
      runbook: {
        means: 'Requests that encrypt are slow; further on they fail.',
        look: [
          'Service, "KMS: encryptions": how many, and since when.',
          'Service Quotas: cryptographic operations (symmetric) of the account, shared by all that use KMS.',
        ],
        remedy: [
          'The quota is reached: ask for a higher one, or find who else uses it.',
          'KMS itself: AWS Health Dashboard; writes wait, reads do not use it.',
        ],
      },
      lines: [line(source.service(refs, SERVICE_METRICS.kmsDuration, 'Average'), 's')],
      threshold: KMS_SLOW_SECONDS,
      periodSeconds: 300,
      dataPoints: { breaching: 2, of: 3 },
    },
  ];
}
