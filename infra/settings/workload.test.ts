// Tests of what runs on a stack: by a folder, a workload file or an image, with what the stack adds.
import { workload as users } from '../../service/workload';
import { OWN_IMAGE } from '../testing/stacks';
import { chooseWorkload, keyCounter, type WorkloadChoice, type WorkloadSettings } from './workload';

const TESTING = 'infra/settings/testing';

function choose(
  settings: Partial<WorkloadSettings>,
  compute: 'fargate' | 'lambda' = 'fargate',
): WorkloadChoice {
  const none = { service: undefined, workload: undefined, image: undefined };
  return chooseWorkload({ ...none, environment: {}, secrets: {}, ...settings }, compute);
}

describe('chooseWorkload', () => {
  it('takes the users directory by itself', () => {
    expect(choose({})).toEqual({
      problems: [],
      workload: users,
      source: { kind: 'service', folder: 'service' },
    });
    expect(choose({}, 'lambda').problems).toEqual([]);
  });

  it('takes an image of a service that is here by its declaration', () => {
    const { problems, workload, source } = choose({ service: 'service', image: OWN_IMAGE });
    expect({ problems, name: workload?.name }).toEqual({ problems: [], name: 'users' });
    expect(source).toEqual({ kind: 'image', image: OWN_IMAGE, folder: 'service', hasKit: true });
    expect(keyCounter(source)).toBe('service');
  });

  it('takes an image with its workload file, and knows the folder of its local command', () => {
    const { problems, workload, source } = choose({
      workload: `${TESTING}/orders.yaml`,
      image: OWN_IMAGE,
    });
    expect(problems).toEqual([]);
    expect(workload).toMatchObject({ name: 'orders', port: 9000, health: '/status' });
    expect(source).toEqual({ kind: 'image', image: OWN_IMAGE, folder: TESTING, hasKit: false });
    expect(keyCounter(source)).toBe('edge');
  });

  it('lets the stack add variables and secrets, which go before those of the declaration', () => {
    const arn = 'arn:aws:ssm:eu-central-1:123456789012:parameter/x';
    const { problems, workload } = choose({
      workload: `${TESTING}/orders.yaml`,
      environment: { GREETING: 'moin', PAYMENT_KEY: 'none' },
      secrets: { CURRENCY: arn },
    });
    expect(problems).toEqual([]);
    expect(workload?.environment).toEqual({ GREETING: 'moin', PAYMENT_KEY: 'none' });
    expect(workload?.secrets).toEqual({ CURRENCY: arn });
    expect(choose({ environment: { CREDENTIAL_KEYS: 'per-user' } }).workload).toMatchObject({
      name: 'users',
      environment: { CREDENTIAL_KEYS: 'per-user' },
    });
  });

  it('holds what the stack adds against the declaration', () => {
    const extension = {
      environment: { PORT: '80', ORDERS_TABLE: 'x', BOTH: 'x', 'a-b': 'x' },
      secrets: { BOTH: 'hunter2' },
    };
    expect(choose({ workload: `${TESTING}/orders.yaml`, ...extension }).problems).toEqual([
      'gatehouse:environment has the name "a-b", expected letters, digits and "_", a letter first, two at least.',
      'gatehouse:secrets.BOTH is "hunter2", expected the ARN of a secret in Secrets Manager or of a parameter in SSM.',
    ]);
    expect(
      choose({
        workload: `${TESTING}/orders.yaml`,
        environment: { PORT: '80', ORDERS_TABLE: 'x' },
      }).problems,
    ).toEqual([
      'gatehouse:environment.PORT is set by the platform: remove it, or choose another name.',
      'gatehouse:environment.ORDERS_TABLE is set already, for the table orders: remove it.',
    ]);
  });

  it('names the problems of a workload file with its lines, and those of the stack with them', () => {
    const file = `${TESTING}/broken.yaml`;
    expect(choose({ workload: file, environment: { PORT: '80' } })).toMatchObject({
      workload: undefined,
      problems: [
        expect.stringMatching(new RegExp(`^${file}, line 1: name is "Orders", expected`)),
        `${file}, line 2: rules is [], expected a rule at least: what none names is denied.`,
        expect.stringMatching(/^gatehouse:environment.PORT is set by the platform/),
      ],
    });
    expect(choose({ workload: 'orders/none.yaml' }).problems).toEqual([
      "orders/none.yaml, which gatehouse:workload names, can't be read: expected a file, its path relative to Pulumi.yaml.",
    ]);
  });

  it.each([
    [
      'nowhere',
      [
        /^gatehouse:service is "nowhere", and there is no nowhere\/workload.ts, no nowhere\/src\/main.ts: expected a folder with a declaration and an entry\.$/,
      ],
    ],
    ['servce', [/Did you mean service\?$/]],
    [`${TESTING}/services/empty`, [/empty\/workload.ts: it exports no workload/]],
    [`${TESTING}/services/failing`, [/failing\/workload.ts: it can't be loaded: no such module/]],
    [
      `${TESTING}/services/wrong`,
      [/wrong\/workload.ts: name is "Wrong", expected/, /wrong\/workload.ts: port is 80, expected/],
    ],
  ])('says what is wrong with the service %s', (service, messages) => {
    expect(choose({ service }).problems).toEqual(
      messages.map((message) => expect.stringMatching(message) as unknown),
    );
  });

  it('asks for the entry of Lambda where Lambda is to run it', () => {
    const service = `${TESTING}/services/wrong`;
    expect(choose({ service }, 'lambda').problems).toEqual([
      expect.stringContaining(`there is no ${service}/src/lambda.ts`),
    ]);
  });
});
