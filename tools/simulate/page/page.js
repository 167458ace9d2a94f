// Draws the comparison: three charts a trace on one time axis, and its figures as a table.
(() => {
  const { targetMs, traces } = JSON.parse(document.getElementById('data').textContent);
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  // Okabe and Ito: colours that most colour-blind people can tell apart; ours is the thick one.
  const LOOKS = {
    gatehouse: { stroke: '#0072b2', width: 3 },
    'shipped-before': { stroke: '#d55e00', dash: [6, 4] },
    'average-response-time': { stroke: '#cc79a7', dash: [2, 3] },
    cpu: { stroke: '#009e73', dash: [10, 4] },
    'requests-per-task': { stroke: '#e69f00' },
    fixed: { stroke: '#56b4e9', dash: [10, 3, 2, 3] },
    clairvoyant: { stroke: '#808080', dash: [4, 4] },
  };
  /** The queue of an overload dwarfs everything: beyond four times the target it is just over. */
  const mostMs = 4 * targetMs;
  /** What is hidden at first: it says little, or covers the rest. */
  const HIDDEN = ['fixed'];

  for (const trace of traces) {
    const section = element('section', document.getElementById('traces'));
    element('h2', section, trace.name);
    element('p', section, trace.about);
    table(section, trace.policies);
    const charts = element('div', section);
    const sync = { key: trace.name };
    chart(charts, 'Requests a second', trace, sync, [
      { label: 'requests', values: trace.traffic, stroke: '#0072b2', width: 1.5 },
    ]);
    chart(
      charts,
      `Average response time, ms (target ${targetMs}; what is over ${mostMs} stands at ${mostMs})`,
      trace,
      sync,
      [
        ...lines(trace.policies, 'averageMs', mostMs),
        {
          label: 'target',
          values: trace.hours.map(() => targetMs),
          stroke: color('--text'),
          width: 1,
          dash: [2, 2],
        },
      ],
      [0, mostMs * 1.02],
    );
    chart(charts, 'Healthy tasks', trace, sync, lines(trace.policies, 'tasks'), undefined, true);
  }

  function lines(policies, what, most = Infinity) {
    // Ours last, so that no other line covers it.
    return [...policies].reverse().map((policy) => ({
      label: policy.name,
      values: policy[what].map((value) => (value === null ? null : Math.min(value, most))),
      show: !HIDDEN.includes(policy.name),
      width: 1.5,
      ...LOOKS[policy.name],
    }));
  }

  function chart(parent, title, trace, sync, series, range, steps) {
    const paths = steps ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const axis = {
      stroke: color('--text'),
      grid: { stroke: color('--faint'), width: 1 },
      ticks: { stroke: color('--faint') },
    };
    const plot = new uPlot(
      {
        title,
        width: parent.clientWidth,
        height: 220,
        cursor: { sync },
        scales: {
          x: { time: false },
          y: { range: range ?? ((_plot, _low, high) => [0, Math.max(1, high * 1.05)]) },
        },
        axes: [{ ...axis, label: 'hours' }, axis],
        series: [
          { label: 'hour', value: (_plot, value) => (value == null ? '–' : value.toFixed(2)) },
          ...series.map(({ values: _values, ...look }) => ({ paths, ...look })),
        ],
      },
      [trace.hours, ...series.map(({ values }) => values)],
      parent,
    );
    addEventListener('resize', () => plot.setSize({ width: parent.clientWidth, height: 220 }));
  }

  function table(parent, policies) {
    const scrolled = element('div', parent);
    scrolled.className = 'scroll';
    scrolled.tabIndex = 0;
    const rows = element('table', scrolled);
    const head = element('tr', element('thead', rows));
    for (const title of [
      'Policy',
      'Minutes over',
      'Task-hours',
      'USD',
      'Reversals',
      'Most tasks',
    ]) {
      element('th', head, title).scope = 'col';
    }
    const body = element('tbody', rows);
    for (const policy of policies) {
      const row = element('tr', body);
      const name = element('th', row);
      name.scope = 'row';
      const swatch = element('span', name);
      swatch.className = 'swatch';
      swatch.style.borderColor = LOOKS[policy.name]?.stroke;
      name.append(policy.name);
      for (const key of ['minutesOverTarget', 'taskHours', 'dollars', 'reversals', 'maxTasks']) {
        element('td', row, policy[key]);
      }
    }
  }

  function element(name, parent, text) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }
})();
