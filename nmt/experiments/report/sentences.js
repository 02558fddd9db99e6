// The translations side by side: filtered, sorted, and a page of them at a time.
const pageSize = 20;
let listed = pageSize;

const wordsOf = text => text.match(/[\p{L}\p{N}\p{M}]+|[^\s]/gu) ?? [];

// Which words of `output` belong to the longest common subsequence with `reference`.
function commonWords(output, reference) {
  const lengths = Array.from({length: output.length + 1}, () => new Uint16Array(reference.length + 1));
  for (let i = output.length - 1; i >= 0; --i) {
    for (let j = reference.length - 1; j >= 0; --j) {
      lengths[i][j] = output[i] === reference[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const common = new Array(output.length).fill(false);
  for (let i = 0, j = 0; i < output.length && j < reference.length;) {
    if (output[i] === reference[j]) {
      common[i++] = true;
      ++j;
    } else if (lengths[i + 1][j] >= lengths[i][j + 1]) ++i;
    else ++j;
  }
  return common;
}

// `text` with the words marked that the reference does not have; neighbours share a mark.
function marked(text, reference) {
  const output = wordsOf(text), common = commonWords(output, wordsOf(reference));
  const parts = [];
  let at = 0, mark = null;
  output.forEach((word, i) => {
    const begin = text.indexOf(word, at), between = text.slice(at, begin);
    at = begin + word.length;
    if (!common[i] && mark) mark.append(between + word);
    else if (!common[i]) parts.push(between, mark = element('mark', {}, word));
    else {
      parts.push(between + word);
      mark = null;
    }
  });
  parts.push(text.slice(at));
  return parts;
}

const choice = id => document.getElementById(id).value;
const spreadOf = (list, i) => {
  const scores = shownModels().map(m => list.chrf[m][i]);
  return scores.length ? Math.max(...scores) - Math.min(...scores) : 0;
};
const meanOf = (list, i) => shownModels().reduce((sum, m) => sum + list.chrf[m][i], 0);

function sortings(first, second) {
  const better = (a, b) => list => (i, j) => (list.chrf[a][j] - list.chrf[b][j]) - (list.chrf[a][i] - list.chrf[b][i]);
  const several = report.models.length > 1;
  return [
    ...(several ? [{id: 'spread', name: 'largest differences', by: list => (i, j) => spreadOf(list, j) - spreadOf(list, i)}] : []),
    ...(
      several && first !== second ?
        [
          {id: 'first', name: `${modelName(first)} better than ${modelName(second)}`, by: better(first, second)},
          {id: 'second', name: `${modelName(second)} better than ${modelName(first)}`, by: better(second, first)}
        ] :
        []),
    {id: 'worst', name: 'lowest scores', by: list => (i, j) => meanOf(list, i) - meanOf(list, j)},
    {id: 'order', name: 'in the order of the test set', by: list => (i, j) => list.number[i] - list.number[j]},
  ];
}

// The indices of the sentences that the filter lets through, sorted.
function chosenSentences() {
  const {list} = chosenTest();
  const text = choice('search').trim().toLowerCase(), phenomenon = choice('phenomenon');
  const holds = i => [list.source[i], list.reference[i], ...shownModels().map(m => list.hypotheses[m][i])].some(
    line => line.toLowerCase().includes(text));
  const sorting = sortings(Number(choice('first')), Number(choice('second'))).find(({id}) => id === choice('order'));
  return list.number.map((_, i) => i)
    .filter(i => (!phenomenon || list.label[i] === phenomenon) && (!text || holds(i)))
    .sort(sorting.by(list));
}

function sentenceArticle(i) {
  const {list} = chosenTest();
  const first = Number(choice('first')), second = Number(choice('second'));
  const row = (head, score, text, className = '') => element(
    'tr', {className}, element('th', {scope: 'row'}, ...head), element('td', {className: 'score'}, score),
    element('td', {className: 'text'}, ...text));
  const swatch = m => {
    const made = element('span', {className: 'swatch'});
    made.style.background = colourOf(m);
    return made;
  };
  const about = [`Sentence ${list.number[i]}`];
  if (list.label) about.push(list.label[i]);
  if (report.models.length > 1)
    about.push(`chrF of ${modelName(first)} less that of ${modelName(second)}: ${
      (list.chrf[first][i] - list.chrf[second][i]).toFixed(1).replace('-', '−')}`);
  const best = Math.max(...shownModels().map(m => list.chrf[m][i]));
  const rows = shownModels().map(m => {
    const score = list.chrf[m][i],
          line = row(
            [swatch(m), ` ${modelName(m)}`], score.toFixed(1), marked(list.hypotheses[m][i], list.reference[i]),
            m === first || m === second ? 'chosen' : '');
    if (score === best) line.querySelector('.score').classList.add('better');
    return line;
  });
  return element(
    'article', {className: 'sentence'}, element('h3', {}, about.join(' · ')),
    element(
      'table', {}, element('tbody', {}, row(['source'], '', [list.source[i]]), row(['reference'], '', [list.reference[i]]), ...rows)));
}

function showSentences() {
  const sentences = chosenSentences(), test = chosenTest();
  document.getElementById('sentences').replaceChildren(...sentences.slice(0, listed).map(sentenceArticle));
  const all = test.list.number.length < test.sentences ?
    `the ${figureText(test.list.number.length)} that differ most of ${figureText(test.sentences)}` :
    figureText(test.sentences);
  document.getElementById('count').textContent =
    `${figureText(sentences.length)} of ${all} sentences of ${test.name}; ${figureText(Math.min(listed, sentences.length))} shown.`;
  document.getElementById('more').hidden = listed >= sentences.length;
}

function fill(select, entries, chosen) {
  select.replaceChildren(...entries.map(({id, name}) => element('option', {value: id}, name)));
  if (entries.some(({id}) => id === chosen)) select.value = chosen;
}

function fillOrder() {
  fill(document.getElementById('order'), sortings(Number(choice('first')), Number(choice('second'))), choice('order'));
}

function fillPhenomena() {
  const {phenomena} = chosenTest();
  document.getElementById('phenomenon-label').hidden = phenomena.length === 0;
  fill(
    document.getElementById('phenomenon'), [{id: '', name: 'all'}, ...phenomena.map(({name}) => ({id: name, name}))], choice('phenomenon'));
}

// Two different models are compared: where one is chosen for both places, the other place gets what it replaced.
let compared = [];
function keepApart() {
  const [first, second] = ['first', 'second'].map(id => document.getElementById(id));
  if (first.value === second.value) {
    if (first.value !== compared[0]) second.value = compared[0];
    else first.value = compared[1];
  }
  compared = [first.value, second.value];
}

function setUpSentences() {
  const models = report.models.map((model, m) => ({id: String(m), name: model.name}));
  const byBleu = models.map((_, m) => m).sort((a, b) => systemOf(b).bleu - systemOf(a).bleu);
  fill(document.getElementById('first'), models, String(byBleu[0]));
  fill(document.getElementById('second'), models, String(byBleu[Math.min(1, byBleu.length - 1)]));
  for (const id of ['first', 'second']) document.getElementById(id).parentElement.hidden = models.length < 2;
  fillOrder();
  fillPhenomena();
  compared = [choice('first'), choice('second')];
  const again = () => {
    if (models.length > 1) keepApart();
    listed = pageSize;
    fillOrder();
    showSentences();
  };
  document.getElementById('filter').addEventListener('input', again);
  document.getElementById('filter').addEventListener('submit', event => event.preventDefault());
  document.getElementById('more').addEventListener('click', () => {
    listed += pageSize;
    showSentences();
  });
  showSentences();
}
