// How late CloudWatch shows a metric, by namespace: alarms and policies see it no sooner.

/**
 * Seconds from the end of a period until its point can be read. AWS publishes no figures ("a
 * slight delay", "a few minutes"): these are what users observe, rounded up.
 */
const DELAY_SECONDS: Readonly<Record<string, number>> = {
  'AWS/ApplicationELB': 90,
  'AWS/ApiGateway': 60,
  'AWS/CloudFront': 180,
  'AWS/DynamoDB': 90,
  'AWS/ECS': 150,
  'AWS/KMS': 120,
  'AWS/Lambda': 60,
  'AWS/WAFV2': 120,
  'ECS/ContainerInsights': 90,
};
/** Metrics that are put by API or embedded in a log line. */
const CUSTOM_DELAY_SECONDS = 15;

/** Seconds after a period's end when its point appears. */
export function publicationDelaySeconds(namespace: string): number {
  return DELAY_SECONDS[namespace] ?? CUSTOM_DELAY_SECONDS;
}

/** No delay at all: what a console shows that reads the store of its own machine. */
export const noDelay = (): number => 0;
