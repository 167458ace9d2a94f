// The overview dashboard: traffic, errors and latency of the whole path.
import type { StackReferences } from './references';

/** Body of the overview dashboard, as CloudWatch reads it. */
export function overviewDashboard(refs: StackReferences): string {
  return JSON.stringify({
    widgets: [
      {
        type: 'metric',
        x: 0,
        y: 0,
        width: 12,
        height: 6,
        properties: {
          title: 'Requests',
          region: 'us-east-1',
          view: 'timeSeries',
          period: 60,
          stat: 'Sum',
          metrics: [
            [
              'AWS/CloudFront',
              'Requests',
              'DistributionId',
              refs.distributionId,
              'Region',
              'Global',
            ],
          ],
        },
      },
    ],
  });
}
