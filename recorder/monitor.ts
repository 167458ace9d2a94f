// The recorder's stand-in for Pulumi's engine: answers registrations and writes them down.
import * as pulumi from '@pulumi/pulumi';
import { plausibleInvoke, plausibleOutputs } from './outputs';
import { plain } from './values';
import type { RecordedInvoke, RecordedOptions, RecordedResource } from './recording';

/** The parts of the engine's `RegisterResourceRequest` that the recorder reads. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getDeletebeforereplace(): boolean;
  getDependenciesList(): string[];
  getProvider(): string;
  getAliasesList(): { getSpec(): { getName(): string } | undefined; getUrn(): string }[];
  getCustomtimeouts(): { toObject(): RecordedOptions['customTimeouts'] } | undefined;
}

type Callback = (error: unknown, response: unknown) => void;

/** The methods of Pulumi's mock monitor that are wrapped. */
interface MockMonitor {
  registerResource(request: RegisterRequest, callback: Callback): Promise<void>;
  newUrn(parent: string, type: string, name: string): string;
}

/** What {@link installMonitor} needs to know of the stack. */
export interface MonitorSettings {
  readonly project: string;
  readonly stack: string;
  /** Region that ARNs name where the resource sets none. */
  readonly region: string;
  /** Receives every resource in the order of registration. */
  readonly resources: RecordedResource[];
  /** Receives every call of a provider's function. */
  readonly invokes: RecordedInvoke[];
}

/** A running monitor. */
export interface Monitor {
  /** The first registration that failed, if one did. */
  failure(): Error | undefined;
}

/** Puts the recorder in the engine's place: from here on resources are recorded, not made. */
export async function installMonitor(settings: MonitorSettings): Promise<Monitor> {
  const transforms: pulumi.ResourceTransform[] = [];
  const pending = new Map<string, Pick<RecordedResource, 'inputs' | 'outputs' | 'secretInputs'>>();
  const urns = new Set<string>();
  const inFlight: string[] = [];
  let failure: Error | undefined;

  await pulumi.runtime.setMocks(
    {
      // The runtime calls this synchronously from `registerResource`, which names the URN first.
      async newResource({ type, name, inputs, custom }) {
        const urn = inFlight.shift() ?? '';
        const values = await plain(inputs as Record<string, unknown>);
        const transformed = await applyTransforms(transforms, {
          custom: custom ?? false,
          type,
          name,
          props: values.value,
        });
        const outputs = plausibleOutputs({
          type,
          name,
          urn,
          inputs: transformed,
          region: settings.region,
          stack: settings.stack,
        });
        pending.set(urn, { inputs: transformed, outputs, secretInputs: values.secrets });
        const id = custom === true || outputs.id !== undefined ? String(outputs.id) : undefined;
        const state = { ...(inputs as object), ...computed(outputs, values.value) };
        return { id, state };
      },
      async call({ token, inputs }) {
        const { value: args } = await plain(inputs as Record<string, unknown>);
        settings.invokes.push({ token, args });
        return plausibleInvoke(token, args, settings.region);
      },
      registerTransform: (transform) => transforms.push(transform),
    },
    settings.project,
    settings.stack,
  );

  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const forward = monitor.registerResource.bind(monitor);
  monitor.newUrn = (parent, type, name) => urnOf(settings, parent, type, name);
  monitor.registerResource = (request, callback) => {
    const urn = urnOf(settings, request.getParent(), request.getType(), request.getName());
    if (urns.has(urn)) {
      failure ??= new pulumi.RunError(
        `Two resources have the URN ${urn}: give one of them another logical name.`,
      );
      callback(failure, undefined);
      return Promise.resolve();
    }
    urns.add(urn);
    inFlight.push(urn);
    return forward(request, (error, response) => {
      const values = pending.get(urn);
      if (error !== null || values === undefined) {
        failure ??= error instanceof Error ? error : new Error(`${urn} could not be registered.`);
      } else {
        settings.resources.push({
          urn,
          type: request.getType(),
          name: request.getName(),
          ...(request.getParent() === '' ? {} : { parent: request.getParent() }),
          ...values,
          options: optionsOf(request),
        });
      }
      callback(error, response);
    });
  };
  return { failure: () => failure };
}

/** The engine's rule: the types of all ancestors but the stack's, joined by `$`. */
function urnOf(settings: MonitorSettings, parent: string, type: string, name: string): string {
  const parentType = parent.split('::')[2];
  const isTop = parentType === undefined || parentType === 'pulumi:pulumi:Stack';
  const qualified = isTop ? type : `${parentType}$${type}`;
  return `urn:pulumi:${settings.stack}::${settings.project}::${qualified}::${name}`;
}

function optionsOf(request: RegisterRequest): RecordedOptions {
  const timeouts = request.getCustomtimeouts()?.toObject() ?? {};
  const provider = request.getProvider();
  return {
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    customTimeouts: Object.fromEntries(
      (['create', 'update', 'delete'] as const)
        .map((key) => [key, timeouts[key]] as const)
        .filter(([, value]) => value !== undefined && value !== ''),
    ),
    dependencies: request.getDependenciesList(),
    aliases: request
      .getAliasesList()
      .map((alias) => alias.getSpec()?.getName() ?? alias.getUrn())
      .filter((alias) => alias !== ''),
    ...(provider === '' ? {} : { provider }),
  };
}

/** Runs the stack's transforms as the engine would, so that the program's guards fire offline too. */
async function applyTransforms(
  transforms: readonly pulumi.ResourceTransform[],
  args: { custom: boolean; type: string; name: string; props: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  let props = args.props;
  for (const transform of transforms) {
    const result = await transform({ ...args, props, opts: {} });
    if (result !== undefined) props = result.props;
  }
  return props;
}

/** Outputs that are not merely inputs handed back; those keep their assets and secret marks. */
function computed(
  outputs: Record<string, unknown>,
  inputs: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).filter(([key, value]) => inputs[key] !== value),
  );
}
