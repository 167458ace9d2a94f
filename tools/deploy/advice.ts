// What to do about a deployment that ECS gave up, by what it said.

/** The first that fits; the texts are those of ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
const ADVICE: readonly [pattern: RegExp, advice: string][] = [
  [
    /CannotPullContainerError|image .* not found|manifest unknown/i,
    'The image could not be pulled: is it pushed, is its architecture ARM64, and does the way out (`egress`) reach its registry? With `egress: endpoints` only images of this account can be pulled.',
  ],
  [
    /ResourceInitializationError|unable to pull secrets|AccessDeniedException/i,
    'The task could not be set up: a secret that the workload names is missing, is in another region, or the role may not read it.',
  ],
  [
    /OutOfMemory|exit code 137/i,
    'The process used more memory than the task has: raise `memory`, or find the leak in its log.',
  ],
  [/exec format error/i, 'The image was built for another processor: tasks are ARM64.'],
  [
    /alarm/i,
    'A roll-back alarm rang: look at the dashboard at that time; the build answered with errors or slowly.',
  ],
  [
    /health check|unhealthy|failed elb/i,
    'The process does not answer its health path in time: see `health` and `port` in the workload, and the last log lines.',
  ],
  [
    /exit code [1-9]/i,
    'The process ended by itself: its last log lines say why. Run the same build here by "npm run local".',
  ],
  [
    /capacity is unavailable|Capacity is unavailable/i,
    'AWS had no Fargate capacity in these zones for the moment: run the same command again later.',
  ],
];

/** @param said Everything that ECS, tasks and logs said. */
export function adviceFor(said: string): string {
  const found = ADVICE.find(([pattern]) => pattern.test(said));
  return (
    found?.[1] ?? 'Look at the events and log lines above, correct the build, and run this again.'
  );
}
