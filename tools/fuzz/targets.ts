// Everything that is fuzzed.
import { keysCsv, traceCsv } from './csv';
import { edge } from './edge';
import { metricMath } from './metric-math';
import { service } from './service';
import { settings } from './settings';
import type { Target } from './target';
import { workload } from './workload';

export const TARGETS: readonly Target[] = [
  ...[edge, service, settings, workload, metricMath, keysCsv, traceCsv],
];
