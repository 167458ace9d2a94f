// Finds resources in a recording: by type, and by the end of their logical names.
import type { RecordedResource } from './recording';

type Resources = readonly RecordedResource[];

/** All resources of a type, by its whole token or the end of it (`wafv2/webAcl:WebAcl`, `:WebAcl`). */
export function all(resources: Resources, type: string): RecordedResource[] {
  return resources.filter((resource) => resource.type.endsWith(type));
}

/**
 * The only resource of a type whose logical name ends so.
 * @throws Error that names what was found, when it is not exactly one.
 */
export function one(resources: Resources, type: string, nameEnd = ''): RecordedResource {
  const found = all(resources, type).filter(({ name }) => name.endsWith(nameEnd));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const names = found.map(({ name }) => name).join(', ');
  const wanted = nameEnd === '' ? type : `${type} whose name ends in "${nameEnd}"`;
  throw new Error(`Expected one ${wanted}, found ${names || 'none'}.`);
}
