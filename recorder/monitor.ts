// The recorder's stand-in for Pulumi's engine: answers registrations and writes them down.
import * as pulumi from '@pulumi/pulumi';
import { registerVpc, type Child, type ChildRegistration } from './awsx-vpc';
import { plausibleInvoke } from './invokes';
import { plausibleOutputs } from './outputs';
import { optionsOf, urnOf, type RegisterRequest } from './requests';
import { plain } from './values';
import type { RecordedInvoke, RecordedResource } from './recording';

type Callback = (error: unknown, response: unknown) => void;

/** A registration that the runtime has not asked about yet. */
interface InFlight {
  readonly urn: string;
  readonly parent: string;
  /** Id of what exists and is taken over; empty for what is made. */
  readonly importId: string;
  /** `urn::id` of the AWS provider that a component is given for its children. */
  readonly provider: string | undefined;
}

/** What the engine hands down a tree of components. */
interface Legacy {
  /** The resource's own transforms, then those of its ancestors. */
  readonly transforms: readonly pulumi.ResourceTransform[];
  readonly provider: string | undefined;
}

/** What a registration came to. */
type Registered = Pick<RecordedResource, 'inputs' | 'outputs' | 'secretInputs'> & {
  readonly children: readonly RecordedResource[];
};

/** Components that run elsewhere; what they make here is their stand-ins' to say. */
const REMOTE_COMPONENTS: Readonly<Record<string, typeof registerVpc | undefined>> = {
  'awsx:ec2:Vpc': registerVpc,
};

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
  /** Of the stack. */
  const transforms: pulumi.ResourceTransform[] = [];
  /** By URN: what a resource hands on to its children. */
  const legacies = new Map<string, Legacy>();
  const pending = new Map<string, Registered>();
  const urns = new Set<string>();
  const inFlight: InFlight[] = [];
  let failure: Error | undefined;

  await pulumi.runtime.setMocks(
    {
      // The runtime calls this synchronously from `registerResource`, which names the URN first.
      async newResource({ type, name, inputs, custom, transforms: own = [] }) {
        const { urn, parent, importId, provider } = inFlight.shift() as InFlight;
        const legacy = inherit(legacies.get(parent), own, provider);
        legacies.set(urn, legacy);
        const chain = [...legacy.transforms, ...transforms];
        const values = await plain(inputs as Record<string, unknown>);
        const transformed = await applyTransforms(chain, {
          custom: custom ?? false,
          type,
          name,
          props: values.value,
        });
        const children: RecordedResource[] = [];
        const register = async (child: ChildRegistration): Promise<Child> => {
          const resource = await registered(settings, child, chain, legacy.provider);
          urns.add(resource.urn);
          children.push(resource);
          return { urn: resource.urn, id: String(resource.outputs.id) };
        };
        const outputs = {
          ...plausibleOutputs({ ...settings, type, name, urn, importId, inputs: transformed }),
          ...(await REMOTE_COMPONENTS[type]?.({ urn, name, inputs: transformed }, register)),
        };
        pending.set(urn, { inputs: transformed, outputs, secretInputs: values.secrets, children });
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
    inFlight.push({
      urn,
      parent: request.getParent(),
      importId: request.getImportid(),
      provider: request.getProvidersMap().get('aws'),
    });
    return forward(request, (error, response) => {
      const values = pending.get(urn);
      if (error !== null || values === undefined) {
        failure ??= error instanceof Error ? error : new Error(`${urn} could not be registered.`);
      } else {
        const { children, ...rest } = values;
        settings.resources.push({
          urn,
          type: request.getType(),
          name: request.getName(),
          ...(request.getParent() === '' ? {} : { parent: request.getParent() }),
          ...rest,
          options: optionsOf(request),
        });
        settings.resources.push(...children);
      }
      callback(error, response);
    });
  };
  return { failure: () => failure };
}

function inherit(
  parent: Legacy | undefined,
  transforms: readonly pulumi.ResourceTransform[],
  provider = parent?.provider,
): Legacy {
  return { transforms: [...transforms, ...(parent?.transforms ?? [])], provider };
}

/** A child of a remote component, as the engine would register it. */
async function registered(
  settings: MonitorSettings,
  { type, name, parent, inputs: props, dependencies }: ChildRegistration,
  transforms: readonly pulumi.ResourceTransform[],
  provider: string | undefined,
): Promise<RecordedResource> {
  const urn = urnOf(settings, parent, type, name);
  const inputs = await applyTransforms(transforms, { custom: true, type, name, props });
  return {
    urn,
    type,
    name,
    parent,
    inputs,
    outputs: plausibleOutputs({ ...settings, type, name, urn, inputs }),
    secretInputs: [],
    options: {
      protect: false,
      retainOnDelete: false,
      ignoreChanges: [],
      replaceOnChanges: [],
      deleteBeforeReplace: false,
      customTimeouts: {},
      dependencies,
      aliases: [],
      ...(provider === undefined ? {} : { provider }),
    },
  };
}

/** Runs transforms as the engine would, so that the program's guards fire offline too. */
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
