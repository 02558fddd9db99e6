// The figures of the page, from the report's document. `shownModels` are those that are not switched off, `chosenTest` is the test set.
const state = {
  test: 0,
  axis: 'updates',
  hidden: new Set(),
  sentence: 0
};
const shownModels = () => report.models.map((_, m) => m).filter(m => !state.hidden.has(m));
const chosenTest = () => report.tests[state.test];
const systemOf = model => chosenTest().systems[model];
const severalSeeds = report.seeds.length > 1;

function resultFigure() {
  const test = chosenTest();
  addFigure(document.getElementById('result-figures'), {
    id: 'figure-bleu',
    title: `BLEU, ${test.name}`,
    caption: 'A bar ends at the BLEU' + (severalSeeds ? ' (mean over seeds); circles are the single seeds' : '') +
      '. The dark stroke is the 95 % interval over sentences: where strokes are far apart, so are the models.',
    height: 60 + 46 * report.models.length,
    config: () => {
      const models = shownModels(), labels = models.map(modelName);
      const interval = m => test.significance.intervals[m];
      const ink = isDark() ? '#ffffff' : '#111111';
      const datasets = [
        {
          type: 'bar',
          label: 'BLEU',
          data: models.map(m => systemOf(m).bleu),
          backgroundColor: models.map(m => faded(colourOf(m), 0.55)),
          borderColor: models.map(colourOf),
          borderWidth: 1,
          grouped: false,
          order: 3,
          barPercentage: 0.8,
          pointStyle: 'rect'
        },
        {
          type: 'bar',
          label: '95 % interval',
          data: models.map(m => [interval(m).low, interval(m).high]),
          backgroundColor: ink,
          grouped: false,
          barThickness: 3,
          order: 2,
          pointStyle: 'rect',
          borderColor: ink
        },
      ];
      if (severalSeeds) {
        datasets.push({
          type: 'scatter',
          label: 'one seed',
          data: models.flatMap(m => systemOf(m).bleu_by_seed.map(x => ({x, y: modelName(m)}))),
          pointStyle: 'circle',
          pointRadius: 4,
          backgroundColor: isDark() ? '#14171b' : '#ffffff',
          borderColor: ink,
          borderWidth: 1.5,
          order: 1
        });
      }
      return {
        type: 'bar',
        labels,
        datasets,
        options: {indexAxis: 'y'},
        scales: {
          x: scoreScale('BLEU', models.flatMap(m => [interval(m).high, ...systemOf(m).bleu_by_seed])),
          y: scale('', {type: 'category', labels, ticks: rowLabels})
        }
      };
    },
    table: () => ({
      heads: ['Model', 'BLEU', 'lower end', 'upper end', ...report.seeds.map(seed => `seed ${seed}`)],
      rows: shownModels().map(
        m =>
          [modelName(m), systemOf(m).bleu, test.significance.intervals[m].low, test.significance.intervals[m].high,
           ...systemOf(m).bleu_by_seed]),
    }),
  });
}

// One line a training. `part` of the log and `figure` in it; `transform` of its values.
function learningFigure(id, title, caption, {part, figure, transform = value => value, makeScale = unit => scale(unit), unit}) {
  const runs = () => shownModels()
                       .flatMap(m => report.models[m].learning.map((run, k) => ({m, k, run: run[part], seed: run.seed})))
                       .filter(({run}) => run.updates.length > 0);
  if (report.models.every(model => model.learning.every(run => run[part].updates.length === 0))) return;
  addFigure(document.getElementById('learning-figures'), {
    id,
    title,
    caption,
    config: () => ({
      type: 'line',
      datasets: runs().map(({m, k, run, seed}) => series(m, {
                             data: run.updates.map((_, i) => ({x: run[state.axis][i], y: transform(run[figure][i])})),
                             borderColor: faded(colourOf(m), k === 0 ? 1 : 0.4),
                             unlisted: k > 0,
                             seed,
                             borderWidth: k === 0 ? 2 : 1.25,
                             pointRadius: context =>
                               (run.updates.length === 1                                                  ? 5 :
                                  k === 0 && context.dataIndex % Math.ceil(run.updates.length / 10) === 0 ? 4 :
                                                                                                            0),
                           })),
      scales:
        {
          x: scale(state.axis === 'updates' ? 'updates' : 'minutes of training', {type: 'linear', beginAtZero: true}),
          y: makeScale(unit, runs().flatMap(({run}) => run[figure]))
        },
      options: {
        plugins: {
          tooltip: {
            usePointStyle: true,
            callbacks: {
              label: item => `${item.dataset.label}, seed ${item.dataset.seed}: ${figureText(item.parsed.y)}`,
              title: items => items.length ? `${figureText(items[0].parsed.x)} ${state.axis}` : ''
            }
          }
        }
      },
    }),
    table: () => ({
      heads: ['Model', 'Seed', 'Updates', 'Minutes', unit],
      rows: runs().flatMap(
        ({m, run, seed}) =>
          run.updates.map((updates, i) => [modelName(m), String(seed), updates, run.minutes[i], transform(run[figure][i])])),
    }),
  });
}

function learningFigures() {
  learningFigure(
    'figure-training-loss', 'Training loss',
    'What training minimizes, for a target token: lower is better. With label smoothing it does not come near 0.',
    {part: 'training', figure: 'loss', unit: 'loss, nats'});
  learningFigure(
    'figure-validation-perplexity', 'Validation perplexity',
    'Among how many equally likely tokens the model would have to guess, on text that it has not seen: lower is better.',
    {part: 'validation', figure: 'loss', transform: Math.exp, makeScale: unit => logScale(unit), unit: 'perplexity'});
  learningFigure(
    'figure-validation-bleu', 'Validation BLEU',
    'BLEU of quick translations of the validation text during training: higher is better. (The table has that of the test text.)',
    {part: 'validation', figure: 'bleu', makeScale: scoreScale, unit: 'BLEU'});
}

function costFigure(id, title, caption, key, axis) {
  const values = () => report.models.map(model => model[key]);
  addFigure(document.getElementById('cost-figures'), {
    id,
    title,
    caption,
    config: () => ({
      type: 'scatter',
      datasets:
        shownModels().map(m => series(m, {data: [{x: report.models[m][key], y: systemOf(m).bleu}], pointRadius: 8, pointHoverRadius: 10})),
      scales: {
        x: logScale(axis, {min: Math.min(...values()) / 1.5, max: Math.max(...values()) * 1.5}),
        y: scoreScale('BLEU', shownModels().map(m => systemOf(m).bleu))
      },
      options: {
        plugins: {
          tooltip: {
            usePointStyle: true,
            callbacks: {label: item => `${item.dataset.label}: BLEU ${figureText(item.parsed.y)}, ${figureText(item.parsed.x)} ${axis}`}
          }
        }
      },
    }),
    table: () => ({heads: ['Model', axis, 'BLEU'], rows: shownModels().map(m => [modelName(m), report.models[m][key], systemOf(m).bleu])}),
  });
}

function costFigures() {
  costFigure(
    'figure-speed', 'Quality against speed',
    `BLEU on ${chosenTest().name} against the sentences that are translated in a second: up and to the right is better.`,
    'translation_sentences_per_second', 'sentences/s');
  costFigure(
    'figure-size', 'Quality against size',
    `BLEU on ${chosenTest().name} against the number of trained values: up and to the left is better.`, 'parameters', 'parameters');
}

// Scores of groups, a line a model; groups without order are dots in rows.
function groupFigure(id, title, caption, {groups, values, axis, unit, ordered = true, what}) {
  if (groups.length === 0) return;
  const names = groups.map(group => group.name);
  addFigure(document.getElementById('difference-figures'), {
    id,
    title,
    caption,
    height: ordered ? undefined : Math.max(320, 60 + 26 * groups.length),
    config: () => {
      const category = scale(axis, {type: 'category', labels: names, offset: true, ticks: ordered ? {autoSkip: false} : rowLabels}),
            linear = scoreScale(unit, shownModels().flatMap(values), {suggestedMax: 10});
      return {
        type: 'line',
        labels: names,
        datasets: shownModels().map(
          m => series(m, {data: values(m), showLine: ordered, indexAxis: ordered ? 'x' : 'y', pointRadius: ordered ? 4 : 7})),
        scales: ordered ? {x: category, y: linear} : {x: linear, y: category},
        options: {indexAxis: ordered ? 'x' : 'y'},
      };
    },
    table: () => ({
      heads: [axis || title, what, ...shownModels().map(modelName)],
      rows: groups.map((group, i) => [group.name, group.count, ...shownModels().map(m => values(m)[i])])
    }),
  });
}

function differenceFigures() {
  const test = chosenTest();
  groupFigure(
    'figure-length', 'By length',
    'BLEU of sentences by the number of words in the source: a model that keeps a sentence in one vector falls behind on long ones.',
    {groups: test.lengths, values: m => systemOf(m).by_length, axis: 'words in the source', unit: 'BLEU', what: 'sentences'});
  groupFigure(
    'figure-frequency', 'Rare words',
    'How well words are translated by how often the training text has them: F1 of the words of output and reference.',
    {
      groups: test.frequencies,
      values: m => systemOf(m).f1_by_frequency,
      axis: 'times in the training text',
      unit: 'F1, %',
      what: 'words in the reference'
    });
  groupFigure(
    'figure-phenomenon', 'By phenomenon',
    'BLEU of the sentences that test one thing each: dots far apart show what only some models have learned.',
    {groups: test.phenomena, values: m => systemOf(m).by_phenomenon, axis: '', unit: 'BLEU', ordered: false, what: 'sentences'});
}

function showFaults() {
  const test = chosenTest();
  const faults = document.getElementById('faults');
  const numbers = test.numbers_expected > 0;
  faults.replaceChildren(
    element('h3', {}, 'Faults'),
    element(
      'p', {},
      'A length of 1.00 is that of the references; much below it, words are left out. ' +
        'Repetitions: sentences that say something twice where the reference does not. ' +
        (numbers ? `Numbers lost: of the ${figureText(test.numbers_expected)} in source and reference, those that the output lacks.` : '')),
    tableOf({
      caption: `Means over the seeds, ${figureText(test.sentences)} sentences of ${test.name}`,
      heads: ['Model', 'Length', 'Repetitions', ...(numbers ? ['Numbers lost'] : [])],
      rows: shownModels().map(m => {
        const {length_ratio: length, repeating, numbers_lost: lost} = systemOf(m);
        return [modelName(m), length, repeating.toFixed(1), ...(numbers ? [lost.toFixed(1)] : [])];
      })
    }));
}

// Distances that at least this share of the pairs have: beyond them a few long sentences decide.
const leastShare = 0.1;

function gradientFigure(side, title, caption) {
  const curveOf = m => report.models[m].gradient_flow?.[side];
  if (!report.models.some((_, m) => curveOf(m)?.norm.length)) return;
  const models = () => shownModels().filter(m => curveOf(m)?.norm.length);
  addFigure(document.getElementById('gradient-figures'), {
    id: `figure-gradient-${side}`,
    title,
    caption,
    config: () => ({
      type: 'line',
      datasets: models().map(m => {
        const {norm, pairs} = curveOf(m);
        const data = norm.map((y, x) => ({x, y: y > 0 ? y : null})).filter(({x}) => pairs[x] >= leastShare * pairs[0]);
        return series(m, {data, pointRadius: 3.5});
      }),
      scales: {x: scale('steps back from the last one', {type: 'linear', beginAtZero: true}), y: logScale('norm of the gradient')},
    }),
    table: () => ({
      heads: ['Distance', ...models().flatMap(m => [modelName(m), 'pairs'])],
      rows: Array.from(
        {length: Math.max(0, ...models().map(m => curveOf(m).norm.length))},
        (_, k) => [String(k), ...models().flatMap(m => [curveOf(m).norm[k] ?? null, curveOf(m).pairs[k] ?? null])]),
    }),
  });
}

function gradientFigures() {
  const pairs = Math.max(0, ...report.models.map(model => model.gradient_flow?.pairs ?? 0));
  hideSection('gradients', pairs === 0);
  document.getElementById('gradient-pairs').textContent = `Mean over ${pairs} pairs of ${
    report.tests[0].name}, first seed. Distances that fewer than a tenth of them have are in the numbers alone.`;
  gradientFigure(
    'encoder', 'Encoder',
    'Norm of the gradient of the last token\'s loss in the encoder\'s states: at 0 the last one of a sentence, then those before it.');
  gradientFigure(
    'decoder', 'Decoder',
    'The same in the decoder\'s states: at 0 it writes the end of the sentence, further right the tokens before.');
}

// All figures, for the chosen test set.
function buildFigures() {
  for (const id of ['result-figures', 'learning-figures', 'cost-figures', 'difference-figures', 'gradient-figures'])
    clearFigures(document.getElementById(id));
  resultFigure();
  learningFigures();
  costFigures();
  differenceFigures();
  gradientFigures();
}
