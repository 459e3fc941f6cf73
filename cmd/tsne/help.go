package main

import (
	"fmt"
	"strings"
)

const width = 79

var about = map[string]string{
	"": `tsne - a map of your data by t-SNE

  tsne DATA MAP [options]                   embed the rows of DATA
  tsne transform MODEL DATA MAP [options]   place new rows on a map that --save kept
  tsne info MODEL                           what a model is, and how it was made

  tsne cells.csv map.csv --plot map.png
  tsne cells.npy map.npy --perplexity 30,300 --exaggeration 4 --save model.npz
  tsne transform model.npz new.csv new_map.csv
  zcat cells.tsv.gz | tsne - - --init sample > map.tsv

The defaults are the recipe of Kobak & Berens, "The art of using t-SNE for
single-cell transcriptomics" (2019), and good for data of any size; of a hundred
thousand rows and more --exaggeration 4 gives denser clusters, of millions
--init sample too. Give principal components, some 50, not raw counts. The same
data, options and --seed give the same map, to the bit, on any machine.

DATA   a row for each point. .npy and .npz as NumPy writes them, of several arrays
       FILE.npz:ARRAY; anything else is text with commas or tabs, .gz or not, with
       or without a header and names of rows (--header, --row-names). "-" is the
       standard input.
MAP    .npy, .npz, .csv or .tsv; "-" is the standard output.

Ctrl-C keeps the map so far. The program ends with 0; 1 for data and files that it
cannot take; 2 for a command line that it does not understand; 130 after Ctrl-C.
Each with one line on the standard error that begins with "tsne:".
`,
	"transform": `tsne transform - new rows on a finished map

  tsne transform MODEL DATA MAP [options]

  tsne cells.csv map.csv --save model.npz
  tsne transform model.npz new.csv new_map.csv
  tsne transform model.npz new.csv new_map.csv --iterations 250

MODEL is a file of tsne --save or of the library's other hosts. Each row of DATA
goes where its nearest rows of the model's data are (the median of 10), and with
--iterations on from there; the map itself stays as it is, and rows do not see each
other. Columns are matched by name where both have names, by their order otherwise.
`,
	"info": `tsne info - what a model is, and how it was made

  tsne info MODEL
`,
}

// titles are the headings in their order.
var titles = []struct{ topic, text string }{
	{"files", "Files"}, {"map", "The map"}, {"placing", "Placing"}, {"affinities", "Affinities"}, {"start", "The start"},
	{"phases", "The two phases"}, {"forces", "Forces"}, {"long", "Long fits"}, {"call", "The run"},
}

// line is how the command is called.
func (c *command) line() string {
	return strings.Join(append(strings.Fields("tsne "+c.name), c.files...), " ")
}

func (c *command) help() string {
	var b strings.Builder
	b.WriteString(about[c.name])
	for _, title := range titles {
		head := "\n" + title.text + "\n"
		for _, o := range c.options {
			if o.topic == title.topic {
				b.WriteString(head)
				head = ""
				o.describe(&b)
			}
		}
	}
	return b.String()
}

func (o option) describe(b *strings.Builder) {
	takes := " " + o.value.takes()
	if takes == " " {
		takes = strings.TrimSuffix("=false", o.def)
	}
	fmt.Fprintf(b, "\n  --%s%s\n", o.name, takes)
	text, values := o.help, o.value.values()
	var more []string
	if len(values) == 1 {
		more = values
	}
	if o.def != "" {
		more = append(more, "default "+o.def)
	}
	if more != nil {
		text += " (" + strings.Join(more, "; ") + ")"
	}
	wrap(b, text, 6)
	if len(values) < 2 {
		return
	}
	for _, v := range values {
		wrap(b, v, 8)
	}
}

// wrap writes text in lines, further ones two deeper.
func wrap(b *strings.Builder, text string, indent int) {
	at := indent
	fmt.Fprintf(b, "%*s", indent, "")
	for i, word := range strings.Fields(text) {
		if i > 0 && at+1+len(word) > width {
			at = indent + 2
			fmt.Fprintf(b, "\n%*s%s", at, "", word)
		} else if i > 0 {
			at++
			b.WriteString(" " + word)
		} else {
			b.WriteString(word)
		}
		at += len(word)
	}
	b.WriteString("\n")
}
