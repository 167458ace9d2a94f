// Resources that belong together on AWS and are apart in Pulumi: a bucket and its policy, a VPC and its flow log.
import type { PolicyResource } from './rule';

/** Names by which AWS knows a resource, as far as they are known. */
function idsOf({ inputs, outputs = {} }: PolicyResource): unknown[] {
  return ['arn', 'id', 'bucket', 'name']
    .flatMap((property) => [inputs[property], outputs[property]])
    .filter((id) => typeof id === 'string' && id !== '');
}

/**
 * The subjects that no companion names. Before a first `up` names are not known: then it is enough
 * that there are as many companions as subjects.
 * @param property Property of a companion that names its subject.
 */
export function withoutCompanion(
  subjects: readonly PolicyResource[],
  companions: readonly PolicyResource[],
  property: string,
): PolicyResource[] {
  const named = companions.map(({ inputs }) => inputs[property]);
  const isKnown = named.every((name) => typeof name === 'string');
  const alone = subjects.filter((subject) => !idsOf(subject).some((id) => named.includes(id)));
  const unknown = alone.filter((subject) => !isKnown || idsOf(subject).length === 0);
  return subjects.length <= companions.length && unknown.length === alone.length ? [] : alone;
}
