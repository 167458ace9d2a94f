// What a registration says: its options, and its URN by the engine's own rule.
import type { RecordedOptions } from './recording';

/** The parts of the engine's `RegisterResourceRequest` that the recorder reads. */
export interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getDeletebeforereplace(): boolean;
  getDependenciesList(): string[];
  getImportid(): string;
  getProvider(): string;
  getProvidersMap(): { get(name: string): string | undefined };
  getAliasesList(): { getSpec(): { getName(): string } | undefined; getUrn(): string }[];
  getCustomtimeouts(): { toObject(): RecordedOptions['customTimeouts'] } | undefined;
}

/** What URNs are made with. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** The engine's rule: the types of all ancestors but the stack's, joined by `$`. */
export function urnOf(stack: StackName, parent: string, type: string, name: string): string {
  const parentType = parent.split('::')[2];
  const isTop = parentType === undefined || parentType === 'pulumi:pulumi:Stack';
  const qualified = isTop ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack.stack}::${stack.project}::${qualified}::${name}`;
}

export function optionsOf(request: RegisterRequest): RecordedOptions {
  const timeouts = request.getCustomtimeouts()?.toObject() ?? {};
  const provider = request.getProvider();
  const importId = request.getImportid();
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
    ...(importId === '' ? {} : { import: importId }),
    ...(provider === '' ? {} : { provider }),
  };
}
