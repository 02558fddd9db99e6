"""How fast PyTorch trains the networks that nmt is compared with, on the same text in batches of the same size.

  transformer   that of `preset = small` with all embeddings tied: 3+3 layers, width 256, feed-forward 1,024, 4 heads, normalization
                before each block
  lstm          a bidirectional encoder of 512 a side and a decoder of two LSTM cells of 512 with additive attention between them
                (Sennrich et al., 2017), embeddings of 256 tied with the output layer

Both with dropout 0.3, label smoothing 0.1, Adam and clipping at 1. Prints target tokens a second: </s> counts, padding does not.
"""
import argparse
import math
import random
import time

import sentencepiece
import torch
from torch import nn
from torch.nn import functional as F

END = 0  # </s> of nmt's vocabularies; it also fills up short sentences
FAR = -1e9  # what a score is lowered by where nothing may be read


def read_pairs(arguments):
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=arguments.tokenizer)
    with open(arguments.source, encoding="utf-8") as source, open(arguments.target, encoding="utf-8") as target:
        texts = list(zip(source.read().splitlines(), target.read().splitlines()))
    return [(tokenizer.encode(a) + [END], tokenizer.encode(b) + [END]) for a, b in texts], tokenizer.get_piece_size()


def cut_into_batches(pairs, target_tokens, shuffler):
    """Pairs of nearly the same length, as many as have so many target tokens; the batches in any order."""
    order = list(range(len(pairs)))
    shuffler.shuffle(order)
    order.sort(key=lambda i: (len(pairs[i][1]), len(pairs[i][0])))
    batches, batch, tokens = [], [], 0
    for i in order:
        length = len(pairs[i][1])
        if batch and tokens + length > target_tokens:
            batches.append(batch)
            batch, tokens = [], 0
        batch.append(pairs[i])
        tokens += length
    batches.append(batch)
    shuffler.shuffle(batches)
    return batches


def pad(sentences):
    """The tokens [B,T], and where they are not padding."""
    longest = max(map(len, sentences))
    tokens = torch.full((len(sentences), longest), END)
    real = torch.zeros(len(sentences), longest, dtype=torch.bool)
    for i, sentence in enumerate(sentences):
        tokens[i, : len(sentence)] = torch.tensor(sentence)
        real[i, : len(sentence)] = True
    return tokens, real


def shifted(embedded):
    """What a decoder reads: zeros, and then the embeddings [B,T,D] of all tokens but the last."""
    first = torch.zeros(embedded.shape[0], 1, embedded.shape[2], dtype=embedded.dtype)
    return torch.cat([first, embedded[:, :-1]], 1)


class Attention(nn.Module):
    def __init__(self, width, heads, own):
        super().__init__()
        self.heads, self.own = heads, own
        if own:
            self.project = nn.Linear(width, 3 * width)
        else:
            self.queries, self.memory = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x, memory, mask):
        q, k, v = self.project(x).chunk(3, -1) if self.own else (self.queries(x), *self.memory(memory).chunk(2, -1))
        q, k, v = self.split(q), self.split(k), self.split(v)
        weights = (q * q.shape[-1] ** -0.5 @ k.transpose(2, 3) + mask).softmax(-1).to(v.dtype)
        return self.output((weights @ v).transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    def __init__(self, width, inner, heads, dropout, decoder):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if decoder else 2))
        self.own = Attention(width, heads, True)
        self.cross = Attention(width, heads, False) if decoder else None
        self.inner, self.outer = nn.Linear(width, inner), nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask, memory=None, memory_mask=None):
        x = x + self.dropout(self.own(self.norms[0](x), None, mask))
        if self.cross is not None:
            x = x + self.dropout(self.cross(self.norms[1](x), memory, memory_mask))
        return x + self.dropout(self.outer(F.relu(self.inner(self.norms[-1](x)))))


class Transformer(nn.Module):
    def __init__(self, vocabulary, width=256, inner=1024, heads=4, layers=3, dropout=0.3):
        super().__init__()
        self.width = width
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, 0, width**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.encoder = nn.ModuleList(Layer(width, inner, heads, dropout, False) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(width, inner, heads, dropout, True) for _ in range(layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        angles = torch.arange(512)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        self.register_buffer("positions", torch.cat([torch.sin(angles), torch.cos(angles)], 1), persistent=False)

    def embed(self, tokens):
        return self.embedding(tokens) * math.sqrt(self.width)

    def placed(self, embedded):
        return self.dropout(embedded + self.positions[: embedded.shape[1]])

    def forward(self, source, source_real, target, target_real):
        source_mask = torch.zeros(source.shape).masked_fill(~source_real, FAR)[:, None, None, :]
        memory = self.placed(self.embed(source))
        for layer in self.encoder:
            memory = layer(memory, source_mask)
        memory = self.encoder_norm(memory)
        x = self.placed(shifted(self.embed(target)))
        future = torch.full((target.shape[1], target.shape[1]), FAR).triu(1)
        for layer in self.decoder:
            x = layer(x, future, memory, source_mask)
        return F.linear(self.decoder_norm(x)[target_real], self.embedding.weight, self.bias)


class Lstm(nn.Module):
    def __init__(self, vocabulary, embedding=256, hidden=512, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        nn.init.normal_(self.embedding.weight, 0, embedding**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.encoder = nn.LSTM(embedding, hidden, bidirectional=True, batch_first=True)
        self.start = nn.Linear(2 * hidden, hidden)
        self.first_cell, self.second_cell = nn.LSTMCell(embedding, hidden), nn.LSTMCell(2 * hidden, hidden)
        self.query, self.key = nn.Linear(hidden, hidden, bias=False), nn.Linear(2 * hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.output = nn.Linear(hidden + embedding + 2 * hidden, embedding)
        self.dropout = nn.Dropout(dropout)

    def forward(self, source, source_real, target, target_real):
        lengths = source_real.sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.dropout(self.embedding(source)), lengths, batch_first=True, enforce_sorted=False)
        memory, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        memory = self.dropout(memory)
        hidden = torch.tanh(self.start((memory * source_real[..., None]).sum(1) / lengths[:, None])).float()
        cell = torch.zeros_like(hidden)
        keys, mask = self.key(memory), torch.zeros(source.shape).masked_fill(~source_real, FAR)
        inputs = self.dropout(shifted(self.embedding(target)))
        states, contexts = [], []
        for t in range(target.shape[1]):
            hidden, cell = self.first_cell(inputs[:, t], (hidden, cell))
            scores = self.score(torch.tanh(keys + self.query(hidden)[:, None])).squeeze(2).float() + mask
            context = torch.bmm(scores.softmax(1)[:, None].to(memory.dtype), memory)[:, 0]
            hidden, cell = self.second_cell(context, (hidden, cell))
            states.append(hidden)
            contexts.append(context)
        read = torch.cat([torch.stack(states, 1), inputs, torch.stack(contexts, 1)], 2)[target_real]
        return F.linear(self.dropout(torch.tanh(self.output(read))), self.embedding.weight, self.bias)


def peak_memory_mib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["transformer", "lstm"])
    parser.add_argument("precision", choices=["f32", "bf16"], help="bf16: mixed, by torch.autocast")
    parser.add_argument("--tokenizer", required=True, help="SentencePiece model of both sides, such as tokenizer.model in a model folder")
    parser.add_argument("--source", required=True, help="training text, a sentence a line")
    parser.add_argument("--target", required=True, help="its translation, line by line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-tokens", type=int, default=4096, help="target tokens of a batch")
    parser.add_argument("--warm", type=int, default=3, help="updates before the measurement")
    parser.add_argument("--updates", type=int, default=12, help="updates that are measured")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    pairs, vocabulary = read_pairs(arguments)
    batches = cut_into_batches(pairs, arguments.batch_tokens, random.Random(1))
    if len(batches) < arguments.warm + arguments.updates:
        parser.error(f"the text has {len(batches)} batches, expected --warm + --updates of them: {arguments.warm + arguments.updates}")
    model = Transformer(vocabulary) if arguments.network == "transformer" else Lstm(vocabulary)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    tokens = 0
    for i, batch in enumerate(batches[: arguments.warm + arguments.updates]):
        if i == arguments.warm:
            start, tokens = time.monotonic(), 0
        source, source_real = pad([pair[0] for pair in batch])
        target, target_real = pad([pair[1] for pair in batch])
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=arguments.precision == "bf16"):
            logits = model(source, source_real, target, target_real)
        loss = F.cross_entropy(logits.float(), target[target_real], label_smoothing=0.1)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tokens += int(target_real.sum())
        loss.item()
    rate = tokens / (time.monotonic() - start)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{arguments.network}, {arguments.precision}, {parameters} parameters, PyTorch {torch.__version__}: {rate:.0f} target tokens/s "
          f"in updates {arguments.warm + 1} to {arguments.warm + arguments.updates}, peak memory {peak_memory_mib():.0f} MiB")


main()
