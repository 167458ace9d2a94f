// Roles as a recording has them: the policy documents that each carries.
import type { Recording } from '../../recorder/record';

/** An output of the one resource of a type with a logical name. @throws Error when there is none. */
export function outputOf(
  { resources }: Recording,
  type: string,
  name: string,
  property: string,
): string {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (found === undefined) throw new Error(`The stack has no ${type} ${name}.`);
  return String(found.outputs[property]);
}

/** The inline policy documents of a role, by its logical name. */
export function documentsOf({ resources }: Recording, role: string): string[] {
  return resources
    .filter(
      ({ type, options }) =>
        type === 'aws:iam/rolePolicy:RolePolicy' &&
        options.dependencies.some((urn) => urn.endsWith(`aws:iam/role:Role::${role}`)),
    )
    .map(({ inputs }) => String(inputs.policy));
}
