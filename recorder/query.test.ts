// Tests of the search in recordings.
import { all, one } from './query';
import type { RecordedResource } from './recording';

const TOPIC = 'aws:sns/topic:Topic';
const resource = (type: string, name: string) => ({ type, name }) as RecordedResource;
const resources = [
  resource(TOPIC, 'gh-alarms'),
  resource(TOPIC, 'gh-news'),
  resource('aws:sns/topicPolicy:TopicPolicy', 'gh-alarms-policy'),
];
const names = (found: readonly RecordedResource[]) => found.map(({ name }) => name);

describe('all', () => {
  it('finds a type by its whole token or by the end of it', () => {
    expect(names(all(resources, TOPIC))).toEqual(['gh-alarms', 'gh-news']);
    expect(names(all(resources, ':TopicPolicy'))).toEqual(['gh-alarms-policy']);
    expect(all(resources, ':Queue')).toEqual([]);
  });
});

describe('one', () => {
  it('finds the only one of a type, or the only one with such a name', () => {
    expect(one(resources, ':TopicPolicy').name).toBe('gh-alarms-policy');
    expect(one(resources, ':Topic', '-news').name).toBe('gh-news');
  });

  it('says what was found when it is not exactly one', () => {
    expect(() => one(resources, ':Topic')).toThrow(
      'Expected one :Topic, found gh-alarms, gh-news.',
    );
    expect(() => one(resources, ':Topic', '-old')).toThrow(
      'Expected one :Topic whose name ends in "-old", found none.',
    );
  });
});
