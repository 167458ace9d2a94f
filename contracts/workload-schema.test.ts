// Tests of the JSON schema that is made of the form of a workload file.
import { workloadJsonSchema } from './workload-schema';

describe('workloadJsonSchema', () => {
  it('asks for a name and rules, and takes no key that it does not know', () => {
    expect(workloadJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      required: ['name', 'rules'],
      additionalProperties: false,
      properties: { port: { default: 8080 }, rights: { items: { required: ['actions'] } } },
    });
  });

  it('describes every field', () => {
    const { properties } = workloadJsonSchema() as { properties: Record<string, object> };
    for (const [field, schema] of Object.entries(properties)) {
      expect([field, schema]).toEqual([
        field,
        expect.objectContaining({ description: expect.any(String) as string }),
      ]);
    }
  });
});
