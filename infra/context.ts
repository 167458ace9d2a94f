// What every part of the program needs to know of the stack: configuration, account, zones, provider.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Objectives } from '../dashboards/references';
import { edgeRegionsOf } from './settings/adoption';
import type { Config } from './settings/config';
import { chooseZones } from './network/zones';

/** Short, because load balancers and target groups have 32 characters with Pulumi's suffix. */
export const NAME = 'gh';

/** Facts of the stack; plain values all, so that they may decide which resources exist. */
export interface Context {
  readonly config: Config;
  readonly stack: string;
  readonly accountId: string;
  /** Names of the availability zones to span. */
  readonly zoneNames: string[];
  /** Regions in which the edge function writes logs and metrics, the home region first. */
  readonly edgeRegions: string[];
  /** What is measured is measured against these. */
  readonly objectives: Objectives;
  /** Options of every component: the provider of the home region. */
  readonly opts: pulumi.ComponentResourceOptions;
}

/** Asks AWS who and where it is, and makes the provider whose tags every resource carries. */
export async function contextOf(config: Config): Promise<Context> {
  const stack = pulumi.getStack();
  const { region } = config;
  const provider = new aws.Provider('aws', {
    region: region as aws.Region,
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    // Stable: a tag that changes at every deployment would have to change a VPC origin in use.
    defaultTags: { tags: { project: pulumi.getProject(), stack } },
  });
  const { accountId } = await aws.getCallerIdentity({}, { provider });
  const zones = await aws.getAvailabilityZones(
    // Local and Wavelength zones cannot hold a load balancer of this kind.
    { state: 'available', filters: [{ name: 'zone-type', values: ['availability-zone'] }] },
    { provider },
  );
  return {
    config,
    stack,
    accountId,
    zoneNames: chooseZones(zones, config.zones, region),
    edgeRegions: edgeRegionsOf(config),
    objectives: objectivesOf(config),
    opts: { providers: [provider] },
  };
}

/** What a stack is measured against. */
export function objectivesOf(config: Config): Objectives {
  return {
    availabilityPercent: config.availabilityObjective,
    latencyPercent: config.latencyObjective,
    latencyMs: config.targetResponseMs,
  };
}
