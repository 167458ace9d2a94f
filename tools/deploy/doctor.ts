// npm run doctor: says before the first update what an account or a machine lacks.
import { readStackConfig } from '../../recorder/stack-file';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import { Region } from './aws';
import { CHECKS, type Check, type Finding, type Patient } from './checks';
import { EngineError } from './engine-errors';
import { DeployError } from './io';
import { shortName } from './stack-name';
import type { Verb } from './verb';

export const doctor: Verb = {
  summary: 'Says before the first update what the account, the settings or this machine lacks.',
  help: 'Changes nothing. Ends with 1 when something is missing.',
  options: (command) => command.option('--json', 'print one JSON document'),
  async run(context, { json = false }) {
    const { io, stack } = context;
    const { values } = readStackConfig(shortName(stack));
    const region = new Region(values['aws:region'] ?? GLOBAL_REGION);
    const findings: Finding[] = [];
    for (const check of CHECKS) {
      const finding = await examine(check, { context, values, region });
      findings.push(finding);
      if (!json) io.stdout(line(finding));
    }
    const missing = findings.filter(({ state }) => state === 'missing').length;
    if (json) io.stdout(`${JSON.stringify({ stack, findings }, null, 2)}\n`);
    else io.stdout(missing === 0 ? 'Nothing is missing.\n' : `${missing} missing.\n`);
    return missing === 0 ? 0 : 1;
  },
};

async function examine({ what, find }: Check, patient: Patient): Promise<Finding> {
  try {
    const found = await find(patient);
    return typeof found === 'string' ? { what, state: 'ok', detail: found } : { what, ...found };
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'CredentialsProviderError') {
      return { what, state: 'note', detail: 'not asked, for there are no credentials' };
    }
    const isOurs = error instanceof DeployError || error instanceof EngineError;
    const detail = isOurs || name === 'Error' ? message : `${name}: ${message}`;
    return { what, state: 'missing', detail };
  }
}

const MARKS = { ok: 'ok     ', missing: 'MISSING', note: 'note   ' };

function line({ what, state, detail }: Finding): string {
  return `${MARKS[state]}  ${what}: ${detail}\n`;
}
