// Tests of what a change does: real plans of the program under two configurations.
import { stackOf, type Overrides } from '../../infra/testing/stacks';
import { changesBetween } from './changes';
import { compare, countChanges } from './comparison';
import { comparisonMarkdown } from './comparison-markdown';
import { comparisonText } from './comparison-text';
import { planOf, type Plan } from './plan';
import { renderText } from './text';
import { priceOf } from './price';
import { rightsBetween } from './rights';

async function planned(stack: string, config: Overrides = {}): Promise<Plan> {
  return planOf((await stackOf(stack, config)).recording);
}

const withPolicy = (plan: Plan, name: string, edit: (policy: string) => string): Plan => ({
  ...plan,
  resources: plan.resources.map((resource) =>
    resource.name === name
      ? { ...resource, inputs: { policy: edit(String(resource.inputs.policy)) } }
      : resource,
  ),
});

describe('changesBetween', () => {
  it('finds nothing between a plan and itself', async () => {
    const plan = await planned('dev');
    expect(changesBetween(plan, plan)).toEqual([]);
    expect(countChanges([])).toBe('nothing changes');
  });

  it('updates in place what can be, and creates what is new', async () => {
    const changes = changesBetween(await planned('dev'), await planned('dev', { maxTasks: 9 }));
    expect(changes).toContainEqual(
      expect.objectContaining({
        name: 'gh-tasks',
        action: 'update',
        properties: ['maxCapacity'],
        losesData: false,
      }),
    );
    expect(changes.filter(({ action }) => action !== 'update')).toEqual([]);
    const created = changesBetween(
      await planned('dev'),
      await planned('dev', { alarmEmail: 'ops@example.com' }),
    );
    expect(created.map(({ action }) => action)).toContain('create');
  });

  it('replaces what a fixed property changes, and everything that is bound to it', async () => {
    const changes = changesBetween(
      await planned('dev'),
      await planned('dev', { 'aws:region': 'eu-west-1' }),
    );
    expect(changes.length).toBeGreaterThan(0);
    const [before, after] = [await planned('dev'), await planned('dev')];
    const moved: Plan = {
      ...after,
      resources: after.resources.map((resource) =>
        resource.name === 'gh-lb'
          ? { ...resource, inputs: { ...resource.inputs, internal: false } }
          : resource,
      ),
    };
    expect(changesBetween(before, moved).map(({ name, action }) => `${action} ${name}`)).toEqual([
      'replace gh-lb',
      expect.stringMatching(/^replace gh-/),
    ]);
  });

  it('says that data is lost where a table goes, unless it is retained', async () => {
    const without = async (stack: string): Promise<Plan> => {
      const plan = await planned(stack);
      return { ...plan, resources: plan.resources.filter(({ name }) => name !== 'gh-keys') };
    };
    const [lost] = changesBetween(await planned('dev'), await without('dev'));
    expect(lost).toMatchObject({ action: 'delete', name: 'gh-keys', losesData: true });
    const [kept] = changesBetween(await planned('prod'), await without('prod'));
    expect(kept).toMatchObject({ action: 'delete', name: 'gh-keys', losesData: false });
  });

  it('replaces what an adopted table or key takes the place of, and loses what is not retained', async () => {
    const config = {
      adoptTables: { users: 'gh-users-restored' },
      adoptKeys: { tables: '1234abcd-12ab-34cd-56ef-1234567890ab' },
    };
    const replaced = async (stack: string) =>
      changesBetween(await planned(stack), await planned(stack, config)).filter(
        ({ name, action }) => action === 'replace' && ['gh-users', 'gh-tables'].includes(name),
      );
    expect(await replaced('dev')).toEqual([
      expect.objectContaining({ name: 'gh-tables', losesData: true }),
      expect.objectContaining({
        name: 'gh-users',
        losesData: true,
        properties: expect.arrayContaining(['name', 'options.import']) as unknown,
      }),
    ]);
    expect((await replaced('prod')).map(({ losesData }) => losesData)).toEqual([false, false]);
    const adopted = await planned('prod', config);
    expect(changesBetween(adopted, adopted)).toEqual([]);
    expect(renderText(adopted)).toContain('gh-users [protect, retain, adopt gh-users-restored]');
  });
});

describe('rightsBetween', () => {
  it('says what a role gained: an action, an attribute, the end of a condition', async () => {
    const plan = await planned('dev');
    const more = (edit: (policy: string) => string) =>
      rightsBetween(plan, withPolicy(plan, 'gh-task-policy', edit));
    expect(more((policy) => policy)).toEqual({ gained: [], lost: [] });
    const action = more((policy) =>
      policy.replace('["dynamodb:GetItem"]', '["dynamodb:GetItem","dynamodb:DeleteTable"]'),
    );
    expect(action.gained[0]).toMatch(/^gh-task-role may dynamodb:DeleteTable on arn:/);
    expect(action.lost).toEqual([]);
    const open = more((policy) => policy.replaceAll('"SPECIFIC_ATTRIBUTES"', '"ALL_ATTRIBUTES"'));
    expect(open.gained.join()).toContain('dynamodb:Select = ALL_ATTRIBUTES');
    expect(open.lost.join()).toContain('dynamodb:Select = SPECIFIC_ATTRIBUTES');
  });

  it('asks an evaluator, not the text: the same rights written otherwise are no change', async () => {
    const plan = await planned('dev');
    const reordered = withPolicy(plan, 'gh-task-policy', (policy) => {
      const document = JSON.parse(policy) as { Statement: object[] };
      return JSON.stringify({ ...document, Statement: [...document.Statement].reverse() });
    });
    expect(rightsBetween(plan, reordered)).toEqual({ gained: [], lost: [] });
  });
});

describe('priceOf', () => {
  it('costs more at a higher rate, and names a formula for each part', async () => {
    const plan = await planned('prod');
    const [slow, fast] = [priceOf(plan, 1), priceOf(plan, 1000)];
    expect(fast.perMonthIdle).toBe(slow.perMonthIdle);
    expect(fast.perMonthAt.dollars).toBeGreaterThan(slow.perMonthAt.dollars);
    for (const { formula, what } of fast.lines) expect([what, formula]).not.toContain('');
    const sum = fast.lines.reduce((total, { atRate }) => total + atRate, 0);
    expect(fast.perMonthAt.dollars).toBeCloseTo(sum, 1);
  });

  it('prices no function by requests that no request reaches', async () => {
    const { lines } = priceOf(await planned('prod'), 100);
    expect(lines.map(({ what }) => what)).not.toContain('Lambda and API Gateway');
  });

  it('prices Lambda and its traces by requests, and no tasks', async () => {
    const priced = async (traceSampling: number) =>
      priceOf(await planned('dev', { compute: 'lambda', traceSampling }), 100).lines;
    const lines = await priced(0.1);
    const traces = [lines, await priced(0.2)].map((each) =>
      each.find(({ what }) => what === 'Traces'),
    );
    expect(traces[0]?.atRate).toBeGreaterThan(0);
    expect(traces[1]?.atRate).toBeCloseTo(2 * Number(traces[0]?.atRate), 1);
    const parts = lines.map(({ what }) => what);
    expect(parts.filter((part) => part === 'Lambda and API Gateway')).toHaveLength(1);
    expect(parts).not.toContain('Fargate tasks');
    expect(parts).not.toContain('Load balancer');
  });
});

describe('compare', () => {
  it('draws data that is lost, rights and price for a terminal and for a pull request', async () => {
    const before = await planned('dev');
    const plan = withPolicy(
      { ...before, resources: before.resources.filter(({ name }) => name !== 'gh-keys') },
      'gh-task-policy',
      (policy) => policy.replace('["dynamodb:GetItem"]', '["dynamodb:GetItem","dynamodb:Scan"]'),
    );
    const comparison = compare(before, plan, 100);
    for (const drawn of [
      comparisonText(comparison, 'main'),
      comparisonMarkdown(plan, comparison, 'main'),
    ]) {
      expect(drawn).toMatch(/data is lost.*gh-keys/is);
      expect(drawn).toContain('gh-task-role may dynamodb:Scan on');
      expect(drawn).toMatch(/100 requests\/s/);
      expect(drawn).toContain('1 deleted');
    }
    expect(comparison.price.perMonthAt).toEqual(comparison.price.after.perMonthAt);
  });
});
