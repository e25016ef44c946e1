//! Parts of understanding by themselves: names, times, amounts, follow-ups, mood.
