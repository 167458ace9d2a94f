// The sentence of state: which of the known causes holds, the worst first, and what to do about it; long because the causes are one list in order.

/** What the sentence is made of; rates are those of the last seconds. */
export interface Facts {
  requestsPerSecond: number;
  tasks: {
    desired: number;
    /** Started and serving, whatever their health. */
    running: number;
    healthy: number;
    /** Among those that the load balancer may send requests to, whatever their health. */
    targets: number;
    pending: number;
    maximum: number;
    /** Replaced so far, of those that are, while a changed program is deployed. */
    deployment?: { done: number; of: number };
  };
  /** The last task that ended without being told to, while it is news. */
  lost?: { task: string; how: string };
  /** Decisions of the edge that wanted the keys table in vain, a second. */
  keysStore: { refused: number; grace: number };
  /** Answers with 5xx a second, by who gave them. */
  failed: Readonly<Record<'task' | 'loadBalancer' | 'edge' | 'cloudFront', number>>;
  /** Requests that the web ACL blocked, by rule; the busiest first. */
  blocked: readonly { rule: string; perSecond: number; limit?: string }[];
  /** Requests that the edge refused, by reason; the busiest first. */
  denied: readonly { reason: string; perSecond: number }[];
  /** Response time at the load balancer; none without requests there. */
  response?: {
    withinPercent: number;
    p99Ms: number;
    /** Used by tasks, of what they have; when it is much. */
    cpuPercent?: number;
    /** The call to something else that takes most of it. */
    dependency?: { name: string; averageMs: number };
  };
  objectives: { availabilityPercent: number; latencyPercent: number; latencyMs: number };
  /** Minutes until the scaling policies act on what they see now. */
  scalesInMinutes: number;
}

export type Level = 'bad' | 'warn' | 'good' | 'idle';

/** One sentence, and what it says in a word. */
export interface Condition {
  /** Which cause; the time since when is that of the cause. */
  cause: string;
  level: Level;
  /** In capitals, for who does not see colours. */
  word: string;
  sentence: string;
  /** What to do; none when there is nothing to be done. */
  remedy?: string;
}

/** The worst that holds, and what else is wrong, in order. */
export type State = Condition & { also: readonly Condition[] };

/** Of the requests, those that must be denied before that is the state, and before it is that of most. */
const MANY = 0.1;
const MOST = 0.5;

type Cause = (facts: Facts) => Condition | undefined;

/** In the order of how much they hurt: the first that holds is the state. */
const CAUSES: readonly Cause[] = [
  nothingAnswers,
  keysUnreachable,
  failing,
  blocked,
  taskLost,
  // Each of these says that it is slow, the worst first.
  (facts) => atMaximum(facts) ?? overTarget(facts) ?? dependencySlow(facts),
  manyDenied,
];
/** What is said where nothing is wrong. */
const CALM: readonly Cause[] = [deploying, changing, noTraffic];

/** The state in one sentence, and what is wrong besides: a worse cause hides no other. */
export function conditionOf(facts: Facts): State {
  const wrong = CAUSES.flatMap((cause) => cause(facts) ?? []);
  const [worst, ...also] = wrong.length > 0 ? wrong : CALM.flatMap((cause) => cause(facts) ?? []);
  return { ...(worst ?? served(facts)), also: wrong.length > 0 ? also : [] };
}

function served({ response, objectives, requestsPerSecond }: Facts): Condition {
  const time =
    response === undefined
      ? ''
      : `, p99 ${ms(response.p99Ms)}, ${percent(response.withinPercent)} within ${ms(objectives.latencyMs)}`;
  return {
    ...{ cause: 'served', level: 'good', word: 'SERVED' },
    sentence: `All requests are served: ${rate(requestsPerSecond)}${time}.`,
  };
}

function nothingAnswers({ tasks, requestsPerSecond, failed }: Facts): Condition | undefined {
  if (tasks.healthy > 0) return undefined;
  const failures = Object.values(failed).reduce((sum, each) => sum + each, 0);
  if (tasks.targets > 0 && requestsPerSecond > 0 && failures < requestsPerSecond * MOST) {
    return {
      ...{ cause: 'unhealthy', level: 'bad', word: 'UNHEALTHY' },
      sentence:
        'No task passes its health check; the load balancer sends requests to all of them, and ' +
        `they answer: ${rate(requestsPerSecond)}.`,
      remedy: 'See what the health path answers: each task is replaced until it is 200.',
    };
  }
  const why =
    tasks.pending > 0
      ? `${tasks.pending} of ${tasks.desired} ${plural('task', tasks.desired)} being started`
      : `${tasks.running} of ${tasks.desired} ${plural('task', tasks.desired)} running`;
  return {
    ...{ cause: 'down', level: 'bad', word: 'DOWN' },
    sentence: `Nothing answers: no task is healthy, ${why}.`,
    remedy: 'Read the log of the last task: it says why it ended.',
  };
}

function keysUnreachable({ keysStore: { refused, grace } }: Facts): Condition | undefined {
  if (refused <= 0 && grace <= 0) return undefined;
  return {
    ...{ cause: 'keys-unreachable', level: 'bad', word: 'KEYS UNREACHABLE' },
    sentence:
      'The edge cannot read the keys table: ' +
      (refused > 0 ? `${rate(refused)} refused with 503` : 'no request is refused yet') +
      (grace > 0 ? `, ${rate(grace)} let in by keys that were good moments ago.` : '.'),
    remedy:
      'Look at the keys table and at the rights of the edge function; the grace ends by itself.',
  };
}

const ANSWERED_BY: Record<keyof Facts['failed'], string> = {
  task: 'the tasks',
  loadBalancer: 'the load balancer',
  edge: 'the edge function',
  cloudFront: 'CloudFront',
};

function failing({ failed, requestsPerSecond, objectives, lost }: Facts): Condition | undefined {
  const parts = (Object.keys(failed) as (keyof Facts['failed'])[])
    .filter((who) => failed[who] > 0)
    .sort((a, b) => failed[b] - failed[a]);
  const total = parts.reduce((sum, who) => sum + failed[who], 0);
  const [most] = parts;
  const share = requestsPerSecond > 0 ? Math.min(100, (100 * total) / requestsPerSecond) : 0;
  if (most === undefined || share <= 100 - objectives.availabilityPercent) return undefined;
  return {
    ...{ cause: `failing-${most}`, level: 'bad', word: 'FAILING' },
    sentence: `${percent(share)} of requests end in 5xx, ${rate(total)}, answered by ${parts.map((who) => ANSWERED_BY[who]).join(' and ')}.`,
    remedy:
      most === 'task'
        ? 'Filter the logs by error: the line names the code, the route and the trace.'
        : most === 'loadBalancer'
          ? lost === undefined
            ? 'Tasks end or do not answer: look at their logs and restarts.'
            : `${lost.task} ended (${lost.how}): its log says why.`
          : 'Look at the log of the edge function.',
  };
}

function blocked({ blocked: rules, requestsPerSecond }: Facts): Condition | undefined {
  const [most] = rules;
  if (most === undefined) return undefined;
  const limit = most.limit === undefined ? '' : ` (its limit is ${most.limit})`;
  return {
    ...{ cause: `blocked-${most.rule}`, level: 'bad', word: 'BLOCKED' },
    sentence: `${most.rule} blocks ${significant(most.perSecond)} of ${rate(requestsPerSecond)}${limit}.`,
    remedy: 'See below who calls; raise the limit of the rule if these callers are wanted.',
  };
}

function isSlow({ response, objectives }: Facts): boolean {
  return response !== undefined && response.withinPercent < objectives.latencyPercent;
}

function slowness(facts: Facts): string {
  const { response, objectives } = facts;
  if (response === undefined) return '';
  const { dependency, cpuPercent } = response;
  const busy = cpuPercent === undefined ? '' : `; tasks use ${percent(cpuPercent)} of their CPU`;
  const mostly =
    dependency === undefined
      ? busy
      : `, most of it in ${dependency.name} (${ms(dependency.averageMs)} a call)`;
  return `p99 is ${ms(response.p99Ms)} and ${percent(response.withinPercent)} of requests are within ${ms(objectives.latencyMs)}, not ${objectives.latencyPercent}%${mostly}`;
}

function atMaximum(facts: Facts): Condition | undefined {
  const { tasks } = facts;
  if (!isSlow(facts) || tasks.desired < tasks.maximum) return undefined;
  return {
    ...{ cause: 'slow-at-maximum', level: 'bad', word: 'SLOW AT MAX TASKS' },
    sentence: `All ${tasks.maximum} ${plural('task', tasks.maximum)} run, and still ${slowness(facts)}.`,
    remedy:
      facts.response?.dependency === undefined
        ? 'Raise the maximum of tasks, or give each more CPU.'
        : `More tasks will not help while ${facts.response.dependency.name} is slow.`,
  };
}

function overTarget(facts: Facts): Condition | undefined {
  if (!isSlow(facts)) return undefined;
  const minutes = facts.scalesInMinutes;
  return {
    ...{ cause: 'slow', level: 'warn', word: 'SLOW' },
    sentence: `Over target: ${slowness(facts)}.`,
    remedy:
      facts.response?.dependency === undefined
        ? `Scaling acts on load in about ${significant(minutes)} min when it lasts.`
        : `More tasks will not shorten a call to ${facts.response.dependency.name}.`,
  };
}

/** Slow for those few requests that need it. */
function dependencySlow({ response, objectives }: Facts): Condition | undefined {
  const dependency = response?.dependency;
  if (response === undefined || dependency === undefined) return undefined;
  if (dependency.averageMs <= objectives.latencyMs) return undefined;
  return {
    ...{ cause: `slow-${dependency.name}`, level: 'warn', word: `${dependency.name} SLOW` },
    sentence: `A call to ${dependency.name} takes ${ms(dependency.averageMs)}; few requests need one, and ${percent(response.withinPercent)} are within ${ms(objectives.latencyMs)}.`,
    remedy: `More tasks will not shorten a call to ${dependency.name}.`,
  };
}

/** Reasons that are the platform's own failure, which another cause tells of. */
const NOT_THE_CALLER = ['store-unavailable', 'internal'];

function manyDenied({ denied: all, requestsPerSecond }: Facts): Condition | undefined {
  const denied = all.filter(({ reason }) => !NOT_THE_CALLER.includes(reason));
  const total = denied.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const [most] = denied;
  if (most === undefined || total <= requestsPerSecond * MANY) return undefined;
  return {
    ...{ cause: `denied-${most.reason}`, level: 'warn' },
    word: total > requestsPerSecond * MOST ? 'MOSTLY DENIED' : 'MANY DENIED',
    sentence: `The edge denies ${significant(total)} of ${rate(requestsPerSecond)}, mostly for the reason ${most.reason}.`,
    remedy: 'Somebody calls without a good key: see the edge lines of the log.',
  };
}

function taskLost({ tasks, lost, failed }: Facts): Condition | undefined {
  if (lost === undefined) return undefined;
  const isFailing = Object.values(failed).some((perSecond) => perSecond > 0);
  return {
    ...{ cause: 'task-lost', level: 'warn', word: 'TASK LOST' },
    sentence: `${lost.task} ended (${lost.how}); ${tasks.healthy} of ${tasks.desired} ${plural('task', tasks.desired)} serve${isFailing ? '' : ', and requests are answered'}.`,
    remedy: 'Another is started by itself; its log says why it ended.',
  };
}

function deploying({ tasks: { deployment } }: Facts): Condition | undefined {
  if (deployment === undefined) return undefined;
  return {
    ...{ cause: 'deploying', level: 'warn', word: 'DEPLOYING' },
    sentence: `A changed program takes over: ${deployment.done} of ${deployment.of} ${plural('task', deployment.of)} replaced; requests are answered meanwhile.`,
  };
}

function changing({ tasks }: Facts): Condition | undefined {
  if (tasks.pending === 0 && tasks.running === tasks.desired) return undefined;
  return {
    ...{ cause: 'changing', level: 'warn', word: 'CHANGING' },
    sentence: `${tasks.running} of ${tasks.desired} ${plural('task', tasks.desired)} run, ${tasks.pending} being started; all requests are served.`,
  };
}

function noTraffic({ requestsPerSecond, tasks }: Facts): Condition | undefined {
  if (requestsPerSecond > 0) return undefined;
  return {
    ...{ cause: 'idle', level: 'idle', word: 'NO TRAFFIC' },
    sentence: `No requests in the last seconds; ${tasks.healthy} ${plural('task', tasks.healthy)} ready.`,
  };
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function rate(perSecond: number): string {
  return `${significant(perSecond)} requests/s`;
}

function percent(value: number): string {
  return `${significant(value)}%`;
}

function ms(value: number): string {
  return `${significant(value)} ms`;
}
