// Progress of an update that a person can follow: step, elapsed time, and what it waits for.
import { isChange, stepOf, type EngineEvent, type Step } from './engine-events';
import { span, type DeployIo } from './io';

const DONE: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  replace: 'replaced',
  'create-replacement': 'created in place of the old',
  'delete-replaced': 'deleted after its replacement',
  import: 'imported',
};

/** Quiet that lasts longer is explained: a distribution alone takes minutes. */
const QUIET_MS = 20_000;

/** Writes a line a step to stderr, and in between what is still under way. */
export class Progress {
  private readonly started: number;
  private readonly running = new Map<string, { step: Step; since: number }>();
  private lastLine: number;
  private count = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param total Steps that the preview counted; undefined when there was none. */
  constructor(
    private readonly io: DeployIo,
    private readonly total?: number,
  ) {
    this.started = this.lastLine = io.now();
    this.timer = setInterval(() => this.tick(), QUIET_MS / 4);
    this.timer.unref();
  }

  readonly onEvent = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent !== undefined) this.begin(stepOf(resourcePreEvent.metadata));
    if (resOutputsEvent !== undefined) this.finish(stepOf(resOutputsEvent.metadata));
    if (resOpFailedEvent !== undefined) this.finish(stepOf(resOpFailedEvent.metadata), 'FAILED');
    if (diagnosticEvent?.severity === 'warning') this.line(diagnosticEvent.message.trim());
  };

  /** Says what is under way, when nothing was said for a while. */
  tick(): void {
    const now = this.io.now();
    if (now - this.lastLine < QUIET_MS || this.running.size === 0) return;
    const waiting = [...this.running.values()]
      .slice(0, 3)
      .map(({ step, since }) => `${step.name} (${step.op}, ${span(now - since)})`);
    const more = this.running.size - waiting.length;
    this.line(`waiting for ${waiting.join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
  }

  end(): void {
    clearInterval(this.timer);
  }

  private begin(step: Step): void {
    if (isChange(step)) this.running.set(step.urn, { step, since: this.io.now() });
  }

  private finish(step: Step, outcome = DONE[step.op] ?? step.op): void {
    if (!isChange(step)) return;
    const since = this.running.get(step.urn)?.since ?? this.io.now();
    this.running.delete(step.urn);
    this.count++;
    const place = this.total === undefined ? `${this.count}` : `${this.count}/${this.total}`;
    const took = this.io.now() - since;
    this.line(
      `${place} ${outcome} ${step.type} ${step.name}${took < 1000 ? '' : ` in ${span(took)}`}`,
    );
  }

  private line(text: string): void {
    this.lastLine = this.io.now();
    this.io.stderr(`${span(this.lastLine - this.started).padStart(10)}  ${text}\n`);
  }
}
