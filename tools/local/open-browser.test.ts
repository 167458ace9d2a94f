import { until } from '../../contracts/testing/time';
import { openBrowser } from './open-browser';

describe('openBrowser', () => {
  it.each([
    [['no-such-opener'], 'spawn no-such-opener ENOENT'],
    [[process.execPath, '-e', 'process.exit(3)'], 'ended with 3'],
  ])('says the address when %j can not open it', async (opener, why) => {
    const said: string[] = [];
    openBrowser('http://127.0.0.1:8081', (message) => said.push(message), opener as [string]);
    await until(() => said.length > 0);
    expect(said[0]).toContain(why);
    expect(said[0]).toContain('visit http://127.0.0.1:8081');
  });
});
