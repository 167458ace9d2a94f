// What the engine prints by `--json`: one event a line, or one document; both become events.
import type { EngineEvent, PolicyEvent } from '@pulumi/pulumi/automation';

export type { EngineEvent };

/** A step that does something to a resource. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Properties that differ. */
  readonly properties: readonly string[];
}

/** Operations by which nothing happens to a resource. */
const IDLE = new Set(['same', 'read', 'refresh', 'discard', 'read-discard']);

/** What an older CLI prints for `preview --json` and `destroy --json`: one document at the end. */
interface PreviewDocument {
  readonly steps?: readonly {
    readonly op: string;
    readonly urn: string;
    readonly diffReasons?: readonly string[];
  }[];
  readonly diagnostics?: readonly { readonly message: string; readonly severity: string }[];
  readonly changeSummary?: Readonly<Record<string, number>>;
}

/** Everything that is known at the end of a run. */
export class Journal {
  /** In order, each resource once a step. */
  readonly steps: Step[] = [];
  /** Steps that ended well. */
  readonly done: Step[] = [];
  readonly failed: Step[] = [];
  readonly errors: string[] = [];
  readonly policies: PolicyEvent[] = [];
  /** Resources by operation, of the summary. */
  counts: Readonly<Record<string, number>> = {};

  /** Takes one event in. */
  add(event: EngineEvent): void {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    if (resourcePreEvent !== undefined) keep(this.steps, stepOf(resourcePreEvent.metadata));
    if (resOutputsEvent !== undefined) keep(this.done, stepOf(resOutputsEvent.metadata));
    if (resOpFailedEvent !== undefined) keep(this.failed, stepOf(resOpFailedEvent.metadata));
    const { diagnosticEvent, policyEvent, summaryEvent } = event;
    if (diagnosticEvent?.severity === 'error') this.errors.push(diagnosticEvent.message);
    if (policyEvent !== undefined) this.policies.push(policyEvent);
    if (summaryEvent !== undefined) this.counts = summaryEvent.resourceChanges;
  }

  /** Takes a whole document in. */
  addDocument({ steps = [], diagnostics = [], changeSummary = {} }: PreviewDocument): void {
    for (const { op, urn, diffReasons } of steps) {
      const type = typeOf(urn);
      keep(this.steps, stepOf({ op, urn, type, ...(diffReasons && { diffs: diffReasons }) }));
    }
    for (const { severity, message } of diagnostics) {
      if (severity === 'error') this.errors.push(message);
    }
    this.counts = changeSummary;
  }

  /** Mandatory policies that are violated, as sentences. */
  get violations(): string[] {
    return this.policies
      .filter(({ enforcementLevel }) => enforcementLevel === 'mandatory')
      .map(({ policyName, resourceUrn, message }) => {
        const name = resourceUrn === undefined ? '' : ` (${nameOf(resourceUrn)})`;
        return `${policyName}${name}: ${message.trim()}`;
      });
  }
}

/** The step that events of a resource are about. */
export function stepOf(metadata: {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly diffs?: readonly string[];
}): Step {
  const { op, urn, type, diffs = [] } = metadata;
  return { op, urn, type, name: nameOf(urn), properties: diffs };
}

/** Whether something happens to the resource. */
export function isChange({ op }: Step): boolean {
  return !IDLE.has(op);
}

/** One event of a line, or undefined for a line that is none. */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith('{"')) return undefined;
  try {
    const event = JSON.parse(line) as Partial<EngineEvent>;
    return typeof event.sequence === 'number' ? (event as EngineEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** The last part of a URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

/** The type in a URN, without those of its parents. */
export function typeOf(urn: string): string {
  return (urn.split('::')[2] ?? '').split('$').at(-1) ?? '';
}

function keep(list: Step[], step: Step): void {
  if (isChange(step)) list.push(step);
}
