// Names of a stack's dashboards, and where they are in the console of AWS: known before they are made.
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { DashboardPage } from '../../dashboards/references';

const PAGES: readonly DashboardPage[] = ['overview', 'service', 'edge', 'scaling'];

/** Names and addresses by page. */
export interface DashboardNames {
  readonly names: Readonly<Record<DashboardPage, pulumi.Output<string>>>;
  readonly urls: Readonly<Record<DashboardPage, pulumi.Output<string>>>;
}

/**
 * Chooses them: alarms link to dashboards, and dashboards show alarms.
 * @param region Home region, where the dashboards are.
 */
export function dashboardNames(
  name: string,
  region: string,
  opts?: pulumi.CustomResourceOptions,
): DashboardNames {
  // A dashboard's name is unique in an account and region, and the provider makes none up.
  const suffix = new random.RandomId(`${name}-dash-suffix`, { byteLength: 4 }, opts);
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  const each = <T>(of: (page: DashboardPage) => T): Record<DashboardPage, T> =>
    Object.fromEntries(PAGES.map((page) => [page, of(page)])) as Record<DashboardPage, T>;
  const names = each(
    (page) => pulumi.interpolate`${name}-${pulumi.getStack()}-${page}-${suffix.hex}`,
  );
  const urls = each((page) => pulumi.interpolate`${console}#dashboards/dashboard/${names[page]}`);
  return { names, urls };
}
