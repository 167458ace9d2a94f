// What a person reads when the platform is up: addresses, a key, and calls that fit the API behind it.
import { relative } from 'node:path';
import { API_KEY_HEADER } from '../../contracts/headers';
import type { Platform } from './platform';
import { samplePath } from './sample-path';

type Told = Omit<Platform, 'close' | 'parts'>;

/** The text, with calls derived from the rules of the workload. */
export function welcome(platform: Told): string {
  const { edge, console, aws, key, stack, logFolder, workload, image, cpu } = platform;
  const [scope] = Object.keys(workload.scopes);
  const standIn =
    image === undefined
      ? ''
      : `\nNo container engine is used here: a process of this machine stands in for ${image}.\n`;
  return `
Gatehouse runs on this machine (stack ${stack}): ${workload.name} behind the edge. Ctrl-C ends it.

  API       ${edge}
  Console   ${console}
  AWS       ${aws}  (DynamoDB and KMS)
  Logs      ${relative(process.cwd(), logFolder)}
  Key       ${key}

Try it:

${calls(platform)
  .map((call) => `  ${call}\n`)
  .join('')}${
    scope === undefined
      ? ''
      : `  npm run keys -- issue --local --owner you@example.com --scope ${scope}\n`
  }
CPU: ${cpu}.
Not imitated here: TLS, IAM, WAF's managed rule groups and address lists, CloudFront's cache and regions.
${standIn}`;
}

/** One call by scope, one for any key, one for nobody in particular, as far as there are such rules. */
function calls({ edge, key, workload }: Told): string[] {
  const readable = workload.rules.filter(({ methods }) => methods.includes('GET'));
  const kinds = [
    readable.find(({ scope }) => scope !== undefined),
    readable.find(({ access }) => access === 'any-key'),
    readable.find(({ access }) => access === 'public'),
  ];
  return kinds.flatMap((rule) => {
    if (rule === undefined) return [];
    const withKey = rule.access === 'public' ? '' : ` -H '${API_KEY_HEADER}: ${key}'`;
    return [`curl -i ${edge}${samplePath(rule)}${withKey}`];
  });
}
