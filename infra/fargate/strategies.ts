// The ways that ECS brings a new revision up: task by task, by a share of the requests first, or all at once.
import type * as aws from '@pulumi/aws';

/** The settings of a deployment. */
export interface DeploymentSettings {
  readonly deployment: 'rolling' | 'canary' | 'blue-green';
  /** Share of the requests that a canary gets, %. */
  readonly canaryPercent: number;
  /** Minutes that it is judged in. */
  readonly canaryMinutes: number;
  /** Minutes that the old revision is kept after the shift. */
  readonly bakeMinutes: number;
}

/** How ECS deploys. */
export interface Strategy {
  /** Whether two revisions serve side by side, each in a target group of its own. */
  readonly shiftsRequests: boolean;
  /** Whether the new one is judged against the old while both serve. */
  readonly isJudgedAgainstOld: boolean;
  /** Minutes that a deployment waits, besides those in which tasks start and end. */
  readonly waitsMinutes: number;
  readonly configuration: aws.types.input.ecs.ServiceDeploymentConfiguration;
}

/** The strategy that the settings ask for. */
export function strategyOf(settings: DeploymentSettings): Strategy {
  return STRATEGIES[settings.deployment](settings);
}

const STRATEGIES: Record<
  DeploymentSettings['deployment'],
  (settings: DeploymentSettings) => Strategy
> = {
  rolling: () => ({
    shiftsRequests: false,
    isJudgedAgainstOld: false,
    waitsMinutes: 0,
    configuration: { strategy: 'ROLLING' },
  }),
  canary: ({ canaryPercent, canaryMinutes, bakeMinutes }) => ({
    shiftsRequests: true,
    isJudgedAgainstOld: true,
    waitsMinutes: canaryMinutes + bakeMinutes,
    configuration: {
      strategy: 'CANARY',
      bakeTimeInMinutes: String(bakeMinutes),
      canaryConfiguration: { canaryPercent, canaryBakeTimeInMinutes: String(canaryMinutes) },
    },
  }),
  'blue-green': ({ bakeMinutes }) => ({
    shiftsRequests: true,
    isJudgedAgainstOld: false,
    waitsMinutes: bakeMinutes,
    configuration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: String(bakeMinutes) },
  }),
};
